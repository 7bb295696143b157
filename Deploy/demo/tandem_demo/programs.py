"""Where the programs are that `swift build` has made."""

import os
from dataclasses import dataclass

from tandem_demo import packages

REPOSITORY = os.path.dirname(os.path.dirname(packages.HERE))


@dataclass(frozen=True)
class Programs:
    """The built programs, all in one folder."""

    folder: str

    @property
    def tandem(self) -> str:
        """The operator's command line."""
        return os.path.join(self.folder, "tandem")

    @property
    def controller(self) -> str:
        """The controller."""
        return os.path.join(self.folder, "tandem-controller")

    @property
    def agent(self) -> str:
        """The agent."""
        return os.path.join(self.folder, "tandem-agent")

    @property
    def local_driver(self) -> str:
        """The HA driver `local`."""
        return os.path.join(self.folder, "tandem-ha-local")


def find() -> Programs:
    """The programs of TANDEM_BUILD, or of this repository's debug build.

    Raises FileNotFoundError that names what is missing.
    """
    folder = os.environ.get("TANDEM_BUILD") or os.path.join(REPOSITORY, ".build/debug")
    programs = Programs(os.path.realpath(folder))
    for path in (programs.tandem, programs.controller, programs.agent, programs.local_driver):
        if not os.access(path, os.X_OK):
            raise FileNotFoundError(f"{path} is missing: run `swift build` (or `make demo`) first")
    return programs
