"""The demo's packages as `.rpm` files, and private roots that take them."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence

DATABASE = "var/lib/rpm"
SHELL = ("/bin/dash", "sh")
TOOLS = ("cat", "mkdir", "rm", "sleep")
"""What the packages' scripts call: rpm runs them with the server's root as `/`."""


def pack(tree: str, head: Sequence[str], date_seconds: int, output: str) -> None:
    """Packs a tree in dpkg-deb's form; `head` are the lines of the package's own kind.

    The scripts are the ones for dpkg, told what dpkg would have told them.
    """
    conffiles = _lines(os.path.join(tree, "DEBIAN/conffiles"))
    files = [
        f"%config(noreplace) {path}" if path in conffiles else path
        for path in packaged_files(tree)
    ]
    scripts = [
        _script(section, os.path.join(tree, "DEBIAN", name), word)
        for section, name, word in (("pre", "preinst", "install"), ("post", "postinst", "configure"))
    ]
    with tempfile.TemporaryDirectory() as work:
        description = os.path.join(work, "package.spec")
        with open(description, "w", encoding="utf-8") as file:
            file.write(
                "\n".join(
                    ["%global __os_install_post %{nil}", *head, "BuildArch: noarch"]
                    + ["License: Apache-2.0", "AutoReqProv: no", "%description", "Demo product."]
                    + ["%install", "mkdir -p %{buildroot}", f"cp -a '{tree}/.' %{{buildroot}}/"]
                    + ["rm -rf %{buildroot}/DEBIAN", *scripts, "%files", *files, ""]
                )
            )
        macros = {
            "_topdir": work,
            "_tmppath": work,
            "_rpmdir": os.path.dirname(output),
            "_rpmfilename": os.path.basename(output),
            "_binary_payload": "w1.gzdio",
            "_buildhost": "demo",
            "use_source_date_epoch_as_buildtime": "1",
            "clamp_mtime_to_source_date_epoch": "1",
        }
        defined = [word for item in macros.items() for word in ("--define", " ".join(item))]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": work}
        environment["SOURCE_DATE_EPOCH"] = str(date_seconds)
        _run(["/usr/bin/rpmbuild", "-bb", "--quiet", *defined, description], environment)


def packaged_files(tree: str) -> list[str]:
    """The paths of the tree's files as they will be on a server, sorted."""
    return sorted(
        os.path.join(folder, name).removeprefix(tree)
        for folder, _, names in os.walk(tree)
        for name in names
        if not folder.startswith(f"{tree}/DEBIAN")
    )


def _lines(path: str) -> list[str]:
    """The lines of a file that need not be there."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return file.read().split()


def _script(section: str, path: str, word: str) -> str:
    """A section of a package description."""
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        body = file.read().split("\n", 1)[1].replace("%", "%%")
    return f"%{section}\nset -- {word}\n{body}"


def arguments(root: str) -> list[str]:
    """rpm for a private root, without root's rights too."""
    own = [] if os.geteuid() == 0 else ["/usr/bin/unshare", "-r"]
    return [*own, "/usr/bin/rpm", "--root", root, "--dbpath", f"/{DATABASE}"]


def make_root(root: str) -> None:
    """An empty rpm database, a shell, and a package that says so."""
    database = os.path.join(root, DATABASE)
    for folder in (database, os.path.join(root, "bin")):
        os.makedirs(folder, exist_ok=True)
    if os.path.exists(os.path.join(database, "rpmdb.sqlite")):
        return
    programs = [SHELL, *((f"/bin/{tool}", tool) for tool in TOOLS)]
    for program, name in programs:
        shutil.copy(program, os.path.join(root, "bin", name))
    listed = subprocess.run(
        ["/usr/bin/ldd", *(program for program, _ in programs)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for library in {word for word in listed.stdout.split() if word.startswith("/")}:
        if library.endswith(":"):
            continue
        os.makedirs(root + os.path.dirname(library), exist_ok=True)
        shutil.copy(library, root + library)
    _run(["/usr/bin/rpm", "--dbpath", database, "--initdb"], _environment(root))
    with tempfile.TemporaryDirectory() as work:
        package = os.path.join(work, "base.rpm")
        tree = os.path.join(work, "tree")
        os.makedirs(tree)
        head = ["Name: base", "Version: 1", "Release: 1", "Summary: a shell", "Provides: /bin/sh"]
        pack(tree, head, 0, package)
        install(root, [package])


def install(root: str, files: Sequence[str]) -> None:
    """Installs packages; raises RuntimeError with rpm's words."""
    _run([*arguments(root), "-U", "--oldpackage", "--replacepkgs", *files], _environment(root))


def _environment(root: str) -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": root}


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}")
