"""What every test of this folder shares: the programs, a signing key, and images built once."""

import atexit
import ctypes
import encodings.idna  # noqa: F401  (another user may not be able to read it later)
import fcntl
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(REPOSITORY, "Deploy/demo"))

from tandem_demo import packages, programs, release  # noqa: E402
from tandem_demo.cli import Tandem  # noqa: E402
from tandem_demo.console import Console  # noqa: E402

NOBODY = 65534
PR_SET_DUMPABLE = 4
KIT_VARIABLE = "TANDEM_E2E_KIT"
PRODUCT = "scef-fe"
OLD = "12.5.0"
NEW = "12.6.0"

SHELL_GATE = """
gate=${TANDEM_ROOT%/}/tmp/gates/@NAME@
if [ "${1:-}" != --observe ] && [ -e "$gate.hold" ]; then
    : >"$gate.reached"
    while [ -e "$gate.hold" ]; do sleep 0.02; done
fi
"""
PYTHON_GATE = """
import os, sys, time
_gate = os.path.join(os.environ.get("TANDEM_ROOT") or "/", "tmp/gates/@NAME@")
if "--observe" not in sys.argv and os.path.exists(_gate + ".hold"):
    open(_gate + ".reached", "w").close()
    while os.path.exists(_gate + ".hold"):
        time.sleep(0.02)
"""


def become_nobody() -> None:
    """As root: goes on as another user, since Tandem's tests need no rights."""
    if os.getuid() != 0 or os.environ.get("TANDEM_E2E_NAMESPACE"):
        return
    if KIT_VARIABLE in os.environ:
        os.chown(os.environ[KIT_VARIABLE], NOBODY, NOBODY)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # Our own /proc/self is ours again.
    os.environ["HOME"] = "/nonexistent"


@dataclass(frozen=True)
class Spec:
    """A release to be built, sound or broken."""

    version: str
    variant: str = "sound"
    previous: tuple[str, ...] = ()
    schema: str = "1"
    product: str = PRODUCT
    seconds: int = 2
    """For `slow-postinst` and `daemon-in-postinst`."""
    big_megabytes: int = 16
    package_format: str = "deb"
    space_needed: int | None = None
    """What the release says it needs; None: what it really does."""

    @property
    def key(self) -> str:
        """Tells it from all others."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]

    @property
    def text(self) -> str:
        """As `tandem` shows it."""
        return f"{self.product} {self.version}"

    @property
    def argument(self) -> str:
        """As `tandem` takes it."""
        return f"{self.product}-{self.version}"

    @property
    def form(self) -> str:
        """The form of its cluster configuration."""
        return f"{self.product}-{self.schema}"


OLD_SPEC = Spec(OLD)
NEW_SPEC = Spec(NEW, previous=(OLD,), schema="2")


@dataclass(frozen=True)
class Built:
    """A release that lies ready."""

    spec: Spec
    description: str
    """Its `release.yaml`; packages and hooks lie beside it."""
    image: str


class Kit:
    """Programs, signing key, trust file and images, for all processes of one run."""

    def __init__(self) -> None:
        given = os.environ.get(KIT_VARIABLE)
        self.folder = given or tempfile.mkdtemp(prefix="tandem-e2e-kit-")
        if not given:
            atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.programs = programs.find()
        self.tandem = Tandem(self.programs.tandem, self.folder, Console())
        self.trust = os.path.join(self.folder, "trust")
        self.signing_key = os.path.join(self.folder, "signing.key")
        with self._lock("key"):
            if not os.path.exists(self.trust):
                self._make_key()

    def _make_key(self) -> None:
        made = self.tandem.json("image", "key", self.signing_key.removesuffix(".key"))
        with open(f"{self.trust}.new", "w", encoding="utf-8") as file:
            file.write(f"version 1\nthreshold 1\n{made['trustLine']}\n")
        os.replace(f"{self.trust}.new", self.trust)

    @contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        """One process at a time makes a thing."""
        with open(os.path.join(self.folder, f"{name}.lock"), "w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def build(self, spec: Spec) -> Built:
        """The release, built and signed unless that was done before."""
        folder = os.path.join(self.folder, f"{spec.version}-{spec.variant}-{spec.key}")
        image = f"{folder}.iso"
        built = Built(spec, os.path.join(folder, "release.yaml"), image)
        with self._lock(spec.key):
            if os.path.exists(image):
                return built
            recipe = packages.Recipe(
                spec.product,
                spec.version,
                spec.variant,
                seconds=spec.seconds,
                big_megabytes=spec.big_megabytes,
                package_format=spec.package_format,
            )
            surroundings = release.Surroundings(list(spec.previous), "", spec.schema)
            release.write(recipe, surroundings, folder)
            _set_gates(os.path.join(folder, "hooks"))
            if spec.space_needed is not None:
                _say_space(built.description, spec.space_needed)
            self.tandem.do("image", "build", built.description, "--output", f"{image}.new")
            self.tandem.do("image", "sign", f"{image}.new", "--key", self.signing_key)
            os.replace(f"{image}.new", image)
        return built


def _set_gates(folder: str) -> None:
    """Lets a test stop a hook in its middle; see `faults.Gate`."""
    for name, gate in (("migrate", SHELL_GATE), ("apply-configuration", PYTHON_GATE)):
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as file:
            first, rest = file.read().split("\n", 1)
        with open(path, "w", encoding="utf-8") as file:
            file.write(first + gate.replace("@NAME@", name) + rest)


def _say_space(description: str, space: int) -> None:
    """Lets a release claim that it needs less space than it does."""
    with open(description, encoding="utf-8") as file:
        text = file.read()
    text, count = re.subn(r"^space-needed: .*$", f"space-needed: {space}", text, flags=re.M)
    if count != 1:
        raise ValueError(f"{description} does not say `space-needed` once")
    with open(description, "w", encoding="utf-8") as file:
        file.write(text)


_kit: list[Kit] = []


def kit() -> Kit:
    """The kit of this process."""
    if not _kit:
        become_nobody()
        _kit.append(Kit())
    return _kit[0]
