"""Reads the few lines of a systemd unit file that the demo's init understands."""

import os
from collections.abc import Callable
from dataclasses import dataclass

UNIT_FOLDERS = ("etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system")


@dataclass(frozen=True)
class Unit:
    """A program to keep running."""

    name: str
    arguments: tuple[str, ...]
    restart: str = "no"
    """`no`, `on-failure` or `always`."""
    restart_seconds: float = 0.1
    stop_seconds: float = 5.0
    """From SIGTERM to SIGKILL."""
    start_seconds: float = 10.0
    """In which it must say READY=1."""
    watchdog_seconds: float = 0.0
    """Longest silence after READY=1; 0: it need not say anything."""
    kills_session: bool = True
    """KillMode=control-group; else KillMode=process: what it started lives on."""
    is_enabled: bool = False
    """Started at boot."""


def read_unit(root: str, name: str) -> Unit:
    """The unit of a service in a root; raises FileNotFoundError, or ValueError for a bad file."""
    for folder in UNIT_FOLDERS:
        path = os.path.join(root, folder, f"{name}.service")
        if os.path.isfile(path):
            return _parse(root, name, path)
    raise FileNotFoundError(f"no unit file for {name} in {root}")


def enabled_units(root: str, complain: Callable[[str], None]) -> list[str]:
    """Names of the services that the packages of a root want started at boot."""
    names: set[str] = set()
    for folder in UNIT_FOLDERS:
        path = os.path.join(root, folder)
        for file in os.listdir(path) if os.path.isdir(path) else []:
            name, suffix = os.path.splitext(file)
            try:
                if suffix == ".service" and read_unit(root, name).is_enabled:
                    names.add(name)
            except (OSError, ValueError) as error:
                complain(f"unit left out: {error}")
    return sorted(names)


def _parse(root: str, name: str, path: str) -> Unit:
    """Only what we understand; a unit for the real systemd says more."""
    pairs: dict[str, str] = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            key, equals, value = line.strip().partition("=")
            if equals and not key.startswith(("#", ";")):
                pairs[key.strip()] = value.strip()
    words = pairs.get("ExecStart", "").split()
    if not words or not words[0].startswith("/"):
        raise ValueError(f"{path}: ExecStart needs an absolute path")
    program = os.path.join(root, words[0].lstrip("/"))
    return Unit(
        name,
        (program, *words[1:]),
        restart=pairs.get("Restart", "no"),
        restart_seconds=float(pairs.get("RestartSec", "0.1")),
        stop_seconds=float(pairs.get("TimeoutStopSec", "5")),
        watchdog_seconds=float(pairs.get("WatchdogSec", "0")),
        kills_session=pairs.get("KillMode", "control-group") != "process",
        is_enabled="WantedBy" in pairs,
    )
