"""The controller and the probe of the demo: started, asked, ended."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from tandem_demo import processes
from tandem_demo.cli import DemoError, wait_until
from tandem_demo.identities import CONTROLLER, HOST, PEOPLE, Identities

HEARTBEAT_MILLISECONDS = 1000
"""Agents look at their server once in that time."""
START_SECONDS = 30.0
END_SECONDS = 15.0


def roles_words(roles: Sequence[str]) -> list[str]:
    """Roles as `tandem-controller people` takes them."""
    return [word for role in roles for word in ("--role", role)]


class Daemon:
    """A program that runs as long as the demo does, with its output in a file."""

    def __init__(self, log: str) -> None:
        self.log = log
        self.child: subprocess.Popen[bytes] | None = None

    def start(
        self, arguments: Sequence[str], environment: Mapping[str, str], stdin: int
    ) -> subprocess.Popen[bytes]:
        """Starts it; it is killed when the demo dies."""
        with open(self.log, "ab") as output:
            self.child = subprocess.Popen(
                list(arguments),
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                preexec_fn=processes.end_with_parent_hard,
            )
        return self.child

    def end(self) -> None:
        """Ends it in good order, else hard."""
        if self.child is None:
            return
        self.child.terminate()
        try:
            self.child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child = None

    def check(self) -> None:
        """Raises DemoError if it has ended."""
        if self.child is not None and self.child.poll() is not None:
            what = os.path.basename(self.log)
            raise DemoError(f"{what.removesuffix('.log')} ended with {self.child.returncode}")


class Controller(Daemon):
    """`tandem-controller` on ports that the kernel chooses."""

    def __init__(self, folder: str) -> None:
        super().__init__(os.path.join(folder, "controller.log"))
        self.configuration = os.path.join(folder, "controller.conf")
        self.ports_file = os.path.join(folder, "ports")
        self.state = os.path.join(folder, "controller")

    def open(
        self, program: str, identities: Identities, environment: Mapping[str, str]
    ) -> tuple[int, int]:
        """Starts it; returns the agents' and the operators' port."""
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(
                f"name = {CONTROLLER}\n"
                f"agent-address = {HOST}:0\n"
                f"api-address = {HOST}:0\n"
                f"{identities.controller_lines()}"
                f"heartbeat-milliseconds = {HEARTBEAT_MILLISECONDS}\n"
                f"state-folder = {self.state}\n"
                f"ports-file = {self.ports_file}\n"
                # Whoever came by a link for one use has no password to give again at each press.
                "session-proof-minutes = 480\n"
            )
        for person, roles in PEOPLE.items():
            self.people(program, environment, "add", person, *roles_words(roles))
        arguments = [program, "run", "--config", self.configuration]
        self.start(arguments, environment, subprocess.DEVNULL)
        ports = wait_until(
            self._ports, lambda: f"the controller opens its ports; see {self.log}", START_SECONDS
        )
        return ports["agent-port"], ports["api-port"]

    def people(self, program: str, environment: Mapping[str, str], *words: str) -> str:
        """The controller's own command for accounts; returns what it says."""
        done = subprocess.run(
            [program, "people", *words, "--config", self.configuration],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        if done.returncode:
            raise DemoError(f"tandem-controller people {words[0]}: {done.stdout.strip()}")
        return done.stdout.strip()

    def _ports(self) -> dict[str, int] | None:
        """What the ports file says; None until there is one."""
        self.check()
        try:
            with open(self.ports_file, encoding="utf-8") as file:
                pairs = (line.partition("=") for line in file)
                return {key.strip(): int(value) for key, _, value in pairs}
        except FileNotFoundError:
            return None


class GapProbe(Daemon):
    """The probe over all service addresses, a named interval at a time."""

    def __init__(self, folder: str) -> None:
        super().__init__(os.path.join(folder, "probe.log"))
        self.count = 0

    def open(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Starts it."""
        self.start(arguments, environment, subprocess.PIPE)

    def begin(self, label: str) -> str:
        """Begins an interval; returns the name by which `interval` finds it."""
        self.check()
        assert self.child and self.child.stdin
        self.count += 1
        name = f"{self.count} {label}"
        self.child.stdin.write(f"interval {name}\n".encode())
        self.child.stdin.flush()
        return name

    def interval(self, name: str) -> Mapping[str, Any]:
        """What each address did in an interval that has ended."""
        offset = os.path.getsize(self.log)

        def look() -> Mapping[str, Any] | None:
            self.check()
            assert self.child
            self.child.send_signal(signal.SIGUSR1)
            return self._ended_interval(name, offset)

        return wait_until(look, lambda: f"the probe tells of `{name}`; see {self.log}", 10.0)

    def _ended_interval(self, name: str, offset: int) -> Mapping[str, Any] | None:
        with open(self.log, encoding="utf-8") as file:
            file.seek(offset)
            lines = [line for line in file if line.startswith("{") and line.endswith("\n")]
        for line in reversed(lines):
            for interval in json.loads(line)["intervals"]:
                if interval["label"] == name and interval["ended"]:
                    addresses: Mapping[str, Any] = interval["addresses"]
                    return addresses
        return None
