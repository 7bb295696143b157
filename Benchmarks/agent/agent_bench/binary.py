"""The agent's program: how it is built, and what it needs of the system's libraries."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from . import BenchmarkError

REPOSITORY = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
BUILD = os.path.join(REPOSITORY, "Deploy/build-agent")


@dataclass(frozen=True)
class Needs:
    """What a program asks of the machine it is installed on."""

    libraries: list[str]
    # Highest version of each symbol family, such as {"GLIBC": "2.34"}.
    versions: dict[str, str]


def built(*options: str) -> str:
    """Builds the agent and answers its path; a build that is up to date takes seconds."""
    print("building tandem-agent (release; about 90 s the first time)", flush=True)
    done = subprocess.run([BUILD, *options], check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise BenchmarkError("the build failed; its own words stand above")
    return given(done.stdout.strip())


def given(path: str) -> str:
    """A program that is there already."""
    if not os.access(path, os.X_OK):
        raise BenchmarkError(f"there is no program {path}")
    return os.path.realpath(path)


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def parse_needs(dynamic: str) -> Needs:
    """Reads what `objdump -p` prints: needed libraries, and the versions asked of them."""
    libraries = re.findall(r"^\s+NEEDED\s+(\S+)", dynamic, re.MULTILINE)
    versions: dict[str, str] = {}
    # In "Version References": `0x069691b4 0x00 12 GLIBC_2.34`.
    for family, version in re.findall(
        r"^\s+0x\S+ 0x\S+ \d+ ([A-Z]+)_([0-9.]+)$", dynamic, re.MULTILINE
    ):
        if family not in versions or _version_key(version) > _version_key(versions[family]):
            versions[family] = version
    return Needs(libraries, versions)


def needs(path: str) -> Needs:
    """What objdump finds in a program."""
    tool = shutil.which("objdump")
    if tool is None:
        raise BenchmarkError("there is no objdump: install binutils")
    shown = subprocess.run([tool, "-p", path], check=False, capture_output=True, text=True)
    found = parse_needs(shown.stdout)
    if "GLIBC" not in found.versions:
        raise BenchmarkError(f"objdump says nothing of a C library in {path}: {shown.stderr}")
    return found


def exceeds(version: str, limit: str) -> bool:
    """Whether a version is above another."""
    return _version_key(version) > _version_key(limit)
