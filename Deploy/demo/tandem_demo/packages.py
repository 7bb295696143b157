"""Builds the demo product's real `.deb` or `.rpm` files, sound and broken; same recipe, same bytes."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass

from tandem_demo import rpms

HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
PRODUCTS = ("cmp", "scef-fe", "database")
PRODUCT_NAME = re.compile(r"[a-z][a-z0-9-]+")
REVISION = "1"
"""The Debian revision: a package's version is never just the release's."""

VARIANTS: Mapping[str, str] = {
    "sound": "works",
    "postinst-fails": "the server package's postinst fails",
    "preinst-fails": "the preinst of both packages fails; nothing is changed",
    "abort-fails": "the server's preinst fails, and so does the old package's abort-upgrade",
    "both-ways-fail": "postinst fails and leaves data that the old package's postinst refuses",
    "daemon-in-postinst": "postinst leaves a daemon that holds dpkg's standard output",
    "slow-postinst": "postinst takes its time",
    "big": "carries a lot of incompressible data",
    "sick": "installs and starts, then says that it is ill",
    "ruinous": "its postinst ruins the package database and the Python that the service runs on",
}

PREINST: Mapping[str, str] = {
    "preinst-fails": """
    echo "@PACKAGE@ @VERSION@: preinst: this machine has no licence dongle for @PRODUCT@" >&2
    exit 1""",
    "abort-fails": """
    : >"$data/refuse-abort"
    echo "@PACKAGE@ @VERSION@: preinst: gives up on purpose" >&2
    exit 1""",
}

POSTINST: Mapping[str, str] = {
    "postinst-fails": """
    echo "@PACKAGE@ @VERSION@: postinst: can't convert the subscriber index" >&2
    exit 1""",
    "both-ways-fail": """
    echo 99 >"$data/format"
    echo "@PACKAGE@ @VERSION@: postinst: stopped half-way in data format 99" >&2
    exit 1""",
    # Only for servers that are thrown away: dpkg can't read its database, nothing of Python starts.
    "ruinous": """
    [ -z "$DPKG_ROOT" ] || exit 1
    echo "this is no stanza" >/var/lib/dpkg/updates/9999
    rm -rf /usr/lib/python3*
    echo "@PACKAGE@ @VERSION@: postinst: cleaned up a little too much" >&2
    exit 1""",
    "daemon-in-postinst": """
    mkdir -p "$DPKG_ROOT/run/tandem-demo"
    sleep @SECONDS@ &
    echo $! >"$DPKG_ROOT/run/tandem-demo/leftover.pid"
    echo "@PACKAGE@ @VERSION@: left a daemon running" """,
    "slow-postinst": """
    echo "@PACKAGE@ @VERSION@: settling for @SECONDS@ s"
    sleep @SECONDS@""",
}


@dataclass(frozen=True)
class Recipe:
    """What to build: a product at a version, in a sound or broken form."""

    product: str
    version: str
    variant: str = "sound"
    date_seconds: int = 1735689600
    """SOURCE_DATE_EPOCH; 2025-01-01 unless told."""
    seconds: int = 3
    """How long `slow-postinst` takes and the daemon of `daemon-in-postinst` lives."""
    big_megabytes: int = 16
    """How much data `big` carries."""
    package_format: str = "deb"
    """`deb` or `rpm`."""
    files: tuple[tuple[str, str], ...] = ()
    """More files of the server package: path and text."""

    @property
    def build_id(self) -> str:
        """What the running product answers: release and a few digits that tell variants apart."""
        seed = f"{self.product} {self.version} {self.variant}".encode()
        return f"{self.product}-{self.version}+{hashlib.sha256(seed).hexdigest()[:8]}"

    @property
    def package_version(self) -> str:
        """The version in the package database."""
        return f"{self.version}-{REVISION}"

    def file_name(self, part: str) -> str:
        """Name of the package file of `common` or `server`."""
        if self.package_format == "rpm":
            return f"{self.product}-{part}-{self.package_version}.noarch.rpm"
        return f"{self.product}-{part}_{self.package_version}_all.deb"


@dataclass
class _Tree:
    """The files of one package before dpkg-deb packs them."""

    folder: str
    recipe: Recipe
    package: str

    def write(self, path: str, content: str | bytes, mode: int = 0o644) -> None:
        """Writes one file with an exact mode; text has its `@WORDS@` replaced."""
        full = os.path.join(self.folder, path.lstrip("/"))
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(self.fill(content).encode() if isinstance(content, str) else content)
        os.chmod(full, mode)

    def script(self, name: str, words: Mapping[str, str]) -> None:
        """Writes a maintainer script from its template in `product/scripts`."""
        with open(f"{HERE}/product/scripts/{name}", encoding="utf-8") as file:
            text = file.read()
        for word, value in words.items():
            text = text.replace(f"@{word}@\n", value.lstrip("\n") + "\n" if value else "")
        self.write(f"DEBIAN/{name}", text, 0o755)

    def fill(self, text: str) -> str:
        """Replaces the words that stand for this package."""
        words = {
            "PACKAGE": self.package,
            "PRODUCT": self.recipe.product,
            "VERSION": self.recipe.version,
            "FORMAT": "1",
            "SECONDS": str(self.recipe.seconds),
        }
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        return text

    def control(self, depends: str, summary: str) -> None:
        """Writes the control file; called last, since it tells the installed size."""
        size = sum(
            os.path.getsize(os.path.join(folder, name))
            for folder, _, names in os.walk(self.folder)
            for name in names
        )
        self.write(
            "DEBIAN/control",
            f"Package: {self.package}\nVersion: {self.recipe.package_version}\n"
            "Architecture: all\nMaintainer: Tandem demo <demo@example.invalid>\n"
            f"Installed-Size: {size // 1024 + 1}\n{depends}Section: net\nPriority: optional\n"
            f"Description: {summary}\n Part of the product that Tandem's demo upgrades.\n",
        )

    def rpm_head(self) -> list[str]:
        """What an rpm says of itself; the server's part needs the other."""
        recipe = self.recipe
        head = [f"Name: {self.package}", f"Version: {recipe.version}", f"Release: {REVISION}"]
        if self.package == f"{recipe.product}-server":
            head.append(f"Requires: {recipe.product}-common = {recipe.package_version}")
        return [*head, "Summary: part of the product that Tandem's demo upgrades"]

    def pack(self, output: str) -> None:
        """Packs the tree; same bytes in, same bytes out."""
        date = self.recipe.date_seconds
        if self.recipe.package_format == "rpm":
            rpms.pack(self.folder, self.rpm_head(), date, output)
            return
        for folder, _, names in os.walk(self.folder):
            os.chmod(folder, 0o755)
            for name in [*names, "."]:
                os.utime(os.path.join(folder, name), (date, date))
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "--uniform-compression", "-Znone", "-b"]
            + [self.folder, output],
            check=True,
            stdout=subprocess.DEVNULL,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SOURCE_DATE_EPOCH": str(date)},
        )


def build(recipe: Recipe, folder: str) -> list[str]:
    """Builds both packages of a release into `folder`; returns their paths, `common` first."""
    if not PRODUCT_NAME.fullmatch(recipe.product) or recipe.variant not in VARIANTS:
        raise ValueError(f"unknown product or variant: {recipe.product} {recipe.variant}")
    os.makedirs(folder, exist_ok=True)
    paths = []
    for part, fill in (("common", _fill_common), ("server", _fill_server)):
        path = os.path.join(folder, recipe.file_name(part))
        with tempfile.TemporaryDirectory() as work:
            tree = _Tree(os.path.join(work, "tree"), recipe, f"{recipe.product}-{part}")
            fill(tree)
            tree.pack(path)
        paths.append(path)
    return paths


def _fill_common(tree: _Tree) -> None:
    """Settings (a conffile that changes with each version) and, in `big`, data."""
    recipe = tree.recipe
    conffile = f"/etc/{recipe.product}/{recipe.product}.conf"
    tree.write(conffile, "# Settings of this server, @PRODUCT@ @VERSION@.\nlog-level = notice\n")
    tree.write("DEBIAN/conffiles", f"{conffile}\n")
    if recipe.variant == "big":
        noise = hashlib.shake_256(recipe.build_id.encode()).digest(recipe.big_megabytes << 20)
        tree.write(f"/usr/share/{recipe.product}/big.bin", noise)
    # Both packages refuse in `preinst-fails`: nothing changes, whichever dpkg meets first.
    snippet = PREINST["preinst-fails"] if recipe.variant == "preinst-fails" else ""
    tree.script("preinst", {"PREINST": snippet})
    tree.control("", "demo product, settings")


def _fill_server(tree: _Tree) -> None:
    """The service, what it is, and its unit."""
    recipe = tree.recipe
    with open(f"{HERE}/product/tandem-demo-service", "rb") as file:
        tree.write(f"/usr/lib/{recipe.product}/tandem-demo-service", file.read(), 0o755)
    facts = [("product", recipe.product), ("version", recipe.version)]
    facts.append(("build-id", recipe.build_id))
    if recipe.variant == "sick":
        facts += [("health", "critical"), ("health-text", "the subscriber index is corrupt")]
    tree.write(f"/usr/lib/{recipe.product}/release", "".join(f"{k} = {v}\n" for k, v in facts))
    with open(f"{HERE}/product/service.unit.in", encoding="utf-8") as file:
        tree.write(f"/usr/lib/systemd/system/{recipe.product}.service", file.read())
    for path, text in recipe.files:
        tree.write(path, text)
    tree.script("preinst", {"PREINST": PREINST.get(recipe.variant, "")})
    tree.script("postinst", {"POSTINST": POSTINST.get(recipe.variant, "")})
    # Python comes with the machine, not with a server's private root: no Depends on it.
    depends = f"Depends: {recipe.product}-common (= {recipe.package_version})\n"
    tree.control(f"{depends}Recommends: python3\n", "demo product, service")


def copy_hooks(folder: str) -> None:
    """Puts the hooks beside a release description."""
    os.makedirs(folder, exist_ok=True)
    for name in sorted(os.listdir(f"{HERE}/hooks")):
        shutil.copyfile(f"{HERE}/hooks/{name}", os.path.join(folder, name))
        os.chmod(os.path.join(folder, name), 0o755)
