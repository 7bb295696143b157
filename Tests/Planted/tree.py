"""A scratch copy of the package that holds every planted bug behind a switch, built once.

The copy has only targets that need no fetched package. One build carries all bugs; the environment
variable TANDEM_PLANTED names the one that is switched on, so a run costs seconds and no build. With the
variable unset the copy does what the original does, which is checked before anything else.
"""

import os
import subprocess
from collections.abc import Iterator

from bugs import REPOSITORY, Bug, edits

SCRATCH = os.path.join(REPOSITORY, ".build", "planted")
TREE = os.path.join(SCRATCH, "tree")
BUILD = os.path.join(TREE, ".build", "debug")
VARIABLE = "TANDEM_PLANTED"

CORE = (
    "TandemModel TandemWire COpenSSL TandemCrypto AgentCore AgentJournal ControllerCore "
    "TandemSimulation tandem-simulate TandemModelCheck tandem-model-check AgentCoreTests "
    "ControllerCoreTests SimulationTests TandemWireTests ControllerAPI ControllerPeople "
    "ControllerAPITests ControllerPeopleTests"
).split()

SHELLS = (
    "TandemSpawn TandemImage AgentPlatform AgentRuntime tandem-agent "
    "AgentPlatformTests AgentRuntimeTests TandemCryptoTests TandemImageTests"
).split()
"""What the bugs of `shells.toml` need besides."""

MANIFEST = """
// Only what the planted bugs need; nothing of it needs a fetched package.
let kept: Set<String> = [{kept}]
package.dependencies = []
package.targets = package.targets.filter {{ kept.contains($0.name) }}
"""

ASK = f"""import Glibc

private let chosen: String = getenv("{VARIABLE}").map {{ String(cString: $0) }} ?? ""

/// Whether this planted bug is switched on.
func planted(_ name: String) -> Bool {{ chosen == name }}
"""


class NotBuilt(Exception):
    """The copy does not compile: a bug's new text is wrong, which catches nothing."""


def originals() -> Iterator[str]:
    """The files of the package that sources and tests need, as paths from its root."""
    for top in ("Sources", "Tests", "Docs"):
        for folder, folders, names in os.walk(os.path.join(REPOSITORY, top)):
            folders[:] = sorted(set(folders) - {"__pycache__", "Planted"})
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), REPOSITORY)


def write(path: str, content: bytes) -> None:
    """Writes a file of the copy where it differs, so that a build stays incremental."""
    full = os.path.join(TREE, path)
    try:
        with open(full, "rb") as file:
            if file.read() == content:
                return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as file:
        file.write(content)


def module(file: str) -> str:
    """The folder of the target that a source file belongs to."""
    parts = file.split("/")
    depth = 4 if parts[1:3] == ["Agent", "HA"] else 3
    return "/".join(parts[:depth])


def fill(bugs: list[Bug], kept: list[str]) -> None:
    """Brings the copy up to date: the sources with all switches in them, and a smaller manifest."""
    changes = edits(bugs)
    wanted: dict[str, bytes] = {}
    for path in originals():
        with open(os.path.join(REPOSITORY, path), "rb") as file:
            wanted[path] = file.read()
    for path, ones in changes.items():
        text = wanted[path].decode()
        for edit in reversed(ones):
            text = text[: edit.start] + edit.text + text[edit.end :]
        wanted[path] = text.encode()
        wanted[module(path) + "/PlantedSwitch.swift"] = ASK.encode()
    with open(os.path.join(REPOSITORY, "Package.swift"), encoding="utf-8") as file:
        names = ", ".join(f'"{name}"' for name in kept)
        wanted["Package.swift"] = (file.read() + MANIFEST.format(kept=names)).encode()
    for path, content in wanted.items():
        write(path, content)
    for top in ("Sources", "Tests", "Docs"):
        for folder, _, names in os.walk(os.path.join(TREE, top)):
            for name in names:
                full = os.path.join(folder, name)
                if os.path.relpath(full, TREE) not in wanted:
                    os.unlink(full)


def build() -> None:
    """Builds the copy with its tests."""
    command = ["swift", "build", "--package-path", TREE, "--build-tests"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        errors = [line for line in done.stdout.splitlines() if "error:" in line]
        raise NotBuilt("\n".join(dict.fromkeys(errors)) or done.stdout)
