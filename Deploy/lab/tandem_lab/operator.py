"""An operator who wants one thing and presses, again and again, whatever leads there."""

import time
from typing import Any

from tandem_lab.plan import Cluster
from tandem_lab.products import NEW
from tandem_lab.tandem import Site, TandemError

REFUSED = 3
UPWARD = ("start-upgrade", "continue-upgrade", "resume-upgrade", "try-again", "accept")
DOWNWARD = ("continue-rollback", "start-rollback", "try-again", "close")
MENDING = ("recovered", "release", "restore-service")
"""Pressed only when nothing else has led on for a while: the HA system comes first."""
PATIENCE_SECONDS = 25.0
PRESS_SECONDS = 240.0


class Operator:
    """Of one cluster."""

    def __init__(self, site: Site, cluster: Cluster) -> None:
        self.site = site
        self.cluster = cluster
        self.pressed: list[str] = []

    def status(self) -> dict[str, Any] | None:
        """What is seen; None while the controller does not answer."""
        try:
            found: dict[str, Any] = self.site.cluster(self.cluster.name)
            return found
        except (TandemError, ValueError):
            return None

    def press(self, button: str, waits: bool = True) -> tuple[int, str]:
        """Presses a button with what is seen now."""
        status = self.status()
        if status is None:
            return 255, "the controller does not answer"
        words = ["config", "reapply"] if button == "reapply-configuration" else ["upgrade", button]
        words += [self.cluster.name, "--reason", "lab", "--yes", "--seen", status["seen"]]
        if button == "start-upgrade":
            words += ["--release", f"{self.cluster.kind}-{NEW}", "--acknowledge-notices"]
        if button in ("recovered", "restore-service"):
            offer = next(one for one in status["buttons"] if one["button"] == button)
            words += ["--server", offer.get("server", "")] if offer.get("server") else []
        if not waits:
            words.append("--no-wait")
        self.pressed.append(button)
        return self.site.ask(*words, limit=PRESS_SECONDS)

    def do(self, button: str, seconds: float = 30.0) -> None:
        """Presses as soon as it can be pressed; the action has to succeed."""
        deadline = time.monotonic() + seconds
        said = ""
        while time.monotonic() < deadline:
            status = self.status()
            if status and button in enabled(status):
                code, said = self.press(button)
                if code == 0:
                    return
                if code != REFUSED:
                    break
            time.sleep(0.3)
        raise TandemError(f"{button} of {self.cluster.name} is not possible: {said}")

    def pursue(self, buttons: tuple[str, ...], seconds: float = 240.0) -> bool:
        """Whether the operation came to its end within the time."""
        deadline = time.monotonic() + seconds
        last_press = time.monotonic()
        while time.monotonic() < deadline:
            status = self.status()
            if status is not None and not is_acting(status):
                is_stuck = time.monotonic() - last_press > PATIENCE_SECONDS
                wanted = _wanted(status, (*buttons, *MENDING) if is_stuck else buttons)
                if wanted is None:
                    return True
                if wanted:
                    self.press(wanted)
                    last_press = time.monotonic()
            time.sleep(0.5)
        return False


def _wanted(status: dict[str, Any], buttons: tuple[str, ...]) -> str | None:
    """The button to press; empty: wait; None: there is nothing left to do."""
    offers = enabled(status)
    is_held = any(server["isHeld"] for server in status["servers"])
    if is_closed(status):
        if is_held:
            return "release" if "release" in offers and "release" in buttons else ""
        return None
    needs_reapply = any("Reapply" in one["whyNot"] for one in status["buttons"])
    if needs_reapply and "reapply-configuration" in offers:
        return "reapply-configuration"
    return next((button for button in buttons if button in offers), "")


def enabled(status: dict[str, Any]) -> list[str]:
    """The buttons that can be pressed."""
    return [one["button"] for one in status["buttons"] if one["isEnabled"]]


def is_acting(status: dict[str, Any]) -> bool:
    """Whether an action runs."""
    return bool((status.get("operation") or {}).get("action"))


def is_closed(status: dict[str, Any]) -> bool:
    """Whether no operation is open; the last one is still shown."""
    return bool(status["position"] == "idle")
