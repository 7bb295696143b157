"""Authorities, certificates, the signing key and the trust file: all by `tandem`, as a user would."""

import os

from tandem_demo.cli import Tandem
from tandem_demo.network import Identity

HOST = "127.0.0.1"
CONTROLLER = "controller-1"
PEOPLE = {
    "olivia": ("operator", "administrator", "auditor"),
    "sam": ("approver", "operator"),
}
"""Two with their roles, so that one can approve what the other asks for."""


class Identities:
    """Who may speak to whom in the demo's network."""

    def __init__(self, tandem: Tandem) -> None:
        self.tandem = tandem
        self.folder = os.path.join(tandem.folder, "ca")
        self.trust = os.path.join(tandem.folder, "trust")
        self.signing_key = os.path.join(tandem.folder, "release-signing.key")

    def path(self, name: str) -> str:
        """A file of the authorities' folder."""
        return os.path.join(self.folder, name)

    def make(self) -> None:
        """Both authorities, the controller's and the people's certificates, key and trust file."""
        self.tandem.do("ca", "init", self.folder)
        self._issue("controller", CONTROLLER, "--host", HOST)
        for person in PEOPLE:
            self._issue("person", person)
        made = self.tandem.json("image", "key", self.signing_key.removesuffix(".key"))
        with open(self.trust, "w", encoding="utf-8") as file:
            file.write(f"version 1\nthreshold 1\n{made['trustLine']}\n")

    def _issue(self, *words: str) -> None:
        self.tandem.do("ca", "issue", *words, "--dir", self.folder)

    def agent(self, server: str) -> Identity:
        """A new agent for a server."""
        made = self.tandem.json("ca", "issue", "agent", server, "--dir", self.folder)
        return Identity(
            made["agent"], made["certificate"], made["key"], made["authority"], self.trust
        )

    def controller_lines(self) -> str:
        """The lines of `controller.conf` that name certificates."""
        lines = []
        for side, authority in (("agent", "agents"), ("api", "operators")):
            stem = self.path(f"controllers/{CONTROLLER}-{authority if side == 'agent' else 'api'}")
            lines.append(f"{side}-certificate = {stem}.pem")
            lines.append(f"{side}-key = {stem}.key")
            lines.append(f"{side}-authority = {self.path(f'{authority}-ca.pem')}")
        return "\n".join([*lines, f"trust-file = {self.trust}", ""])

    def write_configurations(self, api_port: int) -> list[str]:
        """What each person's `tandem` needs; returns the files, the operator's first."""
        files = [self.tandem.configuration, os.path.join(self.tandem.folder, "second.conf")]
        for person, file_name in zip(PEOPLE, files, strict=True):
            with open(file_name, "w", encoding="utf-8") as file:
                file.write(
                    f"controller = {HOST}:{api_port}\n"
                    f"certificate = {self.path(f'people/{person}.pem')}\n"
                    f"key = {self.path(f'people/{person}.key')}\n"
                    f"authority = {self.path('operators-ca.pem')}\n"
                )
        return files
