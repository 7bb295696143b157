"""What can go wrong with a server, and how a test brings it about at a chosen moment."""

import os
import signal
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from kit import SHELL_GATE
from operator_client import Late

from tandem_demo import lines, processes
from tandem_demo.network import Server

POLL_SECONDS = 0.01
Found = TypeVar("Found")

DRIVER = """#!/bin/sh
# The HA driver `local`, stopped by a test before and after it changes something.
at() {{
    gate=${{TANDEM_ROOT%/}}/tmp/gates/$1
    if [ -e "$gate.hold" ]; then
        : >"$gate.reached"
        while [ -e "$gate.hold" ]; do sleep 0.02; done
    fi
}}
case $1 in
promote | demote | take-back)
    at "$1-before"
    code=0
    "{program}" "$@" || code=$?
    at "$1-after"
    exit $code
    ;;
esac
exec "{program}" "$@"
"""

CHECK = f"""#!/bin/sh
set -- "${{1:-}}"
{SHELL_GATE.replace("@NAME@", "check")}
echo "OK: nothing to see"
"""

AGENT = """#!/bin/sh
# The agent of one server, unless a test wants it to stay dead.
if [ -e "{folder}/agent-stays-dead" ]; then exec sleep 1000; fi
exec "{program}" "$@"
"""


def until(look: Callable[[], Found], what: str, seconds: float = 30.0) -> Found:
    """Looks again and again until there is something; raises Late after that time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise Late(f"not in {seconds:g} s: {what}")
        time.sleep(POLL_SECONDS)
    return found


def write_program(path: str, text: str) -> str:
    """Writes a script; returns its path."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)
    return path


@dataclass(frozen=True)
class Gate:
    """A place in a hook, check or driver call at which a server can be stopped.

    Names: `check`, `migrate`, `apply-configuration`, and `promote`, `demote`, `take-back` with
    `-before` or `-after`.
    """

    server: Server
    name: str

    def _path(self, suffix: str) -> str:
        return os.path.join(self.server.root, "tmp/gates", f"{self.name}.{suffix}")

    def hold(self) -> "Gate":
        """Whoever comes by from now on waits."""
        os.makedirs(os.path.dirname(self._path("hold")), exist_ok=True)
        with open(self._path("hold"), "w", encoding="utf-8"):
            pass
        return self

    @property
    def is_reached(self) -> bool:
        """Whether somebody waits, or waited."""
        return os.path.exists(self._path("reached"))

    def wait(self, seconds: float = 60.0) -> None:
        """Until somebody has come."""
        until(lambda: self.is_reached, f"{self.server.name} comes to `{self.name}`", seconds)

    def release(self) -> None:
        """Lets everybody go on."""
        for suffix in ("hold", "reached"):
            try:
                os.unlink(self._path(suffix))
            except FileNotFoundError:
                pass


def agent_pid(server: Server) -> int | None:
    """The agent that the server's init runs now."""
    facts = lines.ask(lines.init_control_socket(server.root), "status")
    words = dict(word.split("=") for word in facts.get("tandem-agent", "").split()[1:])
    return int(words["pid"]) if words.get("pid", "-").isdigit() else None


def processes_of(server: Server, program: str) -> list[int]:
    """Living processes of a program that work on a server: `tandem-agent` (with its workers and
    guards), `dpkg`, `rpm`."""
    found = []
    marks = (server.agent_configuration.encode(), f"--root={server.root}".encode())
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            is_it = os.path.basename(os.readlink(f"/proc/{name}/exe")) == program
        except OSError:
            continue
        if is_it and any(mark in words for mark in marks) and processes.is_alive(int(name)):
            found.append(int(name))
    return found


def kill_agent(server: Server) -> int:
    """SIGKILL for the agent alone: its guards live on. Returns the pid it had."""
    pid = until(lambda: agent_pid(server), f"{server.name} has an agent")
    os.kill(pid, signal.SIGKILL)
    until(lambda: not processes.is_alive(pid), f"the end of {pid}")
    return pid


def kill_agent_with_dpkg(server: Server) -> list[int]:
    """SIGKILL for the agent, all its workers and guards, and dpkg or rpm; returns the pids."""
    programs = ("dpkg", "rpm", "tandem-agent")
    pids = [pid for program in programs for pid in processes_of(server, program)]
    for pid in pids:
        processes.kill(pid, signal.SIGSTOP)  # So that none of them sees another one die.
    for pid in pids:
        processes.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(processes.is_alive, pids)), f"the end of {pids}")
    return pids


def keep_agent_dead(server: Server) -> None:
    """The agent is killed, and does not come back until `let_agent_live`."""
    with open(os.path.join(server.folder, "agent-stays-dead"), "w", encoding="utf-8"):
        pass
    kill_agent(server)


def let_agent_live(server: Server) -> None:
    """The agent may start again."""
    os.unlink(os.path.join(server.folder, "agent-stays-dead"))
    if (pid := agent_pid(server)) is not None:
        processes.kill(pid, signal.SIGKILL)  # What stands in for it.


def is_executable(path: str) -> bool:
    """Whether a path is a program."""
    return os.path.isfile(path) and bool(os.stat(path).st_mode & stat.S_IXUSR)
