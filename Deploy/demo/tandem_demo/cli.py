"""Drives the operator's command line as a script would."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tandem_demo.console import Console
from tandem_demo.root import DPKG_PATH

CALL_SECONDS = 60.0
ACTION_SECONDS = 240.0
"""An action of the demo takes a few seconds; this one hangs."""
BUTTON_SECONDS = 15.0
REFUSED = 3
"""`tandem`'s exit code where nothing was changed."""
PRESS_ATTEMPTS = 4
SEEN_CHANGED = "TDM-5003"
Found = TypeVar("Found")


class DemoError(Exception):
    """The demo can't go on; the text says why, and what the programs concerned say."""


@dataclass(frozen=True)
class Said:
    """What a program said."""

    code: int
    text: str


def wait_until(look: Callable[[], Found | None], what: Callable[[], str], seconds: float) -> Found:
    """Looks again and again until there is something; raises DemoError after that time."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise DemoError(f"not in {seconds:g} s: {what()}")
        time.sleep(0.1)


def private_environment(folder: str) -> Mapping[str, str]:
    """What every program of the demo finds in its environment: nothing of the user's own."""
    home = os.path.join(folder, "home")
    os.makedirs(home, mode=0o700, exist_ok=True)
    environment = {"PATH": DPKG_PATH, "HOME": home, "LANG": "C.UTF-8"}
    if term := os.environ.get("TERM"):
        environment["TERM"] = term
    return environment


class Tandem:
    """`tandem` for one person; `configuration` is a file that comes to be later."""

    def __init__(self, program: str, folder: str, console: Console) -> None:
        self.program = program
        self.folder = folder
        self.console = console
        self.configuration = os.path.join(folder, "operator.conf")
        self.environment = dict(private_environment(folder))
        self.environment["TANDEM_CONFIG"] = self.configuration
        self.check: Callable[[], None] = lambda: None
        """Raises DemoError when there is no use in waiting any longer."""

    def ask(self, *words: str) -> Said:
        """Runs it without showing anything."""
        done = subprocess.run(
            [self.program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            text=True,
            errors="replace",
            timeout=CALL_SECONDS,
            check=False,
        )
        return Said(done.returncode, done.stdout.strip())

    def do(self, *words: str) -> str:
        """Runs what must work, without showing anything."""
        said = self.ask(*words)
        if said.code:
            raise DemoError(f"tandem {' '.join(words)} ended with {said.code}:\n{said.text}")
        return said.text

    def json(self, *words: str) -> Any:
        """Its answer as data."""
        text = self.do(*words, "--json")
        try:
            return json.loads(text)
        except ValueError as error:
            raise DemoError(f"tandem {' '.join(words)} --json: {error}:\n{text}") from error

    def show(self, *words: str, seconds: float = ACTION_SECONDS) -> Said:
        """Shows the command and what it says, as it says it."""
        self.console.command(["tandem", *(word for word in words)])
        return self._relay(words, seconds)

    def _relay(self, words: Sequence[str], seconds: float) -> Said:
        try:
            arguments = [self.program, *words]
            return Said(*self.console.relay(arguments, self.environment, seconds, self.check))
        except TimeoutError as error:
            raise DemoError(f"tandem {' '.join(words)}: {error}") from error

    def cluster(self, name: str) -> Any:
        """Everything about a cluster."""
        return self.json("cluster", "show", name)

    def wait_for_button(self, button: str, cluster: str) -> None:
        """Waits until a button can be pressed: both servers have to agree on what there is."""

        def why_not() -> str:
            offers = [one for one in self.cluster(cluster)["buttons"] if one["button"] == button]
            if any(offer["isEnabled"] for offer in offers):
                return ""
            return offers[0]["whyNot"] if offers else "it is not offered"

        wait_until(
            lambda: not why_not(),
            lambda: f"{button} of {cluster} can be pressed: {why_not()}",
            BUTTON_SECONDS,
        )

    def press(self, words: Sequence[str], cluster: str, *options: str) -> Said:
        """Presses a button with the token of what was seen, and follows the action to its end.

        What is seen may change between looking and pressing; then it is looked at once more.
        """
        self.console.command(["tandem", *words, cluster, *_quoted(options), "--yes", "--seen ..."])
        said = Said(REFUSED, "")
        for _ in range(PRESS_ATTEMPTS):
            seen = self.cluster(cluster)["seen"]
            said = self._relay([*words, cluster, *options, "--yes", "--seen", seen], ACTION_SECONDS)
            if said.code != REFUSED or SEEN_CHANGED not in said.text:
                break
        return said


def _quoted(words: Sequence[str]) -> list[str]:
    """As they would be typed."""
    return [f"'{word}'" if " " in word else word for word in words]
