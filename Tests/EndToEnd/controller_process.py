"""The controller of a test: its configuration, its process, its ports."""

import os
import socket
import subprocess

from tandem_demo.daemons import START_SECONDS, Daemon, roles_words

NAME = "controller-1"
HEARTBEAT_MILLISECONDS = 1000
PEOPLE = {
    "olivia": ("viewer", "operator", "approver", "administrator", "auditor"),
    "sam": ("operator", "approver"),
}
"""The first may ask for everything, and so shows that nobody approves an own request."""


class ControllerProcess(Daemon):
    """Keeps its ports for as long as the test runs, however often it is killed."""

    def __init__(self, program: str, folder: str, host: str, trust: str) -> None:
        super().__init__(os.path.join(folder, "controller.log"))
        self.program = program
        self.folder = folder
        self.host = host
        self.trust = trust
        self.agent_port, self.api_port = _two_free_ports(host)
        self.more: dict[str, str] = {}
        """Further lines of the configuration."""

    def run(self, environment: dict[str, str]) -> None:
        """Writes the configuration and starts the program."""
        configuration = os.path.join(self.folder, "controller.conf")
        certificates = os.path.join(self.folder, "ca")
        stem = os.path.join(certificates, "controllers", NAME)
        pairs = {
            "name": NAME,
            "agent-address": f"{self.host}:{self.agent_port}",
            "api-address": f"{self.host}:{self.api_port}",
            "agent-certificate": f"{stem}-agents.pem",
            "agent-key": f"{stem}-agents.key",
            "agent-authority": os.path.join(certificates, "agents-ca.pem"),
            "api-certificate": f"{stem}-api.pem",
            "api-key": f"{stem}-api.key",
            "api-authority": os.path.join(certificates, "operators-ca.pem"),
            "trust-file": self.trust,
            "state-folder": os.path.join(self.folder, "controller"),
            "heartbeat-milliseconds": str(HEARTBEAT_MILLISECONDS),
            **self.more,
        }
        with open(configuration, "w", encoding="utf-8") as file:
            file.write("".join(f"{key} = {value}\n" for key, value in pairs.items()))
        if not os.path.exists(pairs["state-folder"]):
            for person, roles in PEOPLE.items():
                words = ["people", "add", person, *roles_words(roles), "--config", configuration]
                subprocess.run(
                    [self.program, *words],
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    timeout=START_SECONDS,
                    check=True,
                )
        arguments = [self.program, "run", "--config", configuration]
        self.start(arguments, environment, subprocess.DEVNULL)

    def kill(self) -> None:
        """SIGKILL, and no restart."""
        assert self.child
        self.child.kill()
        self.child.wait()


def _two_free_ports(host: str) -> tuple[int, int]:
    """Ports of an address of our own; looked for at the same time, so that they differ."""
    with socket.socket() as one, socket.socket() as other:
        one.bind((host, 0))
        other.bind((host, 0))
        return one.getsockname()[1], other.getsockname()[1]
