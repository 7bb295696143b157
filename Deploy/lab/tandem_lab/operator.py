"""An operator who wants one thing and presses, again and again, whatever leads there."""

import time
from typing import Any

from tandem_lab import databases, machine
from tandem_lab.plan import Cluster, Server
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
        self.release = NEW

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
            words += ["--release", f"{self.cluster.kind}-{self.release}", "--acknowledge-notices"]
        if button in ("recovered", "restore-service"):
            offer = next(one for one in status["buttons"] if one["button"] == button)
            words += ["--server", offer.get("server", "")] if offer.get("server") else []
        if button == "restore-service" and any(
            not machine.is_on(server) for server in self.cluster.servers
        ):
            words += ["--statement", "dead"]  # We have pulled its plug ourselves.
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
            is_stuck = time.monotonic() - last_press > PATIENCE_SECONDS
            wanted: str | None = ""
            if status is not None and not is_acting(status):
                wanted = _wanted(status, (*buttons, *MENDING) if is_stuck else buttons)
                if wanted is None and self.is_whole():
                    return True
            # A press that is refused leads nowhere: that is being stuck, too.
            has_begun = bool(wanted) and self.press(wanted or "", waits=False)[0] == 0
            if has_begun or (is_stuck and self.rejoin()):
                last_press = time.monotonic()
            time.sleep(0.5)
        return False

    def is_whole(self) -> bool:
        """Whether the standby of a pair of databases receives what its mate writes."""
        if not self.cluster.is_database:
            return True
        actives = databases.writable(self.cluster)
        if self.cluster.driver == "patroni":
            return len(actives) == 1 and databases.is_synchronous(actives[0])
        return len(actives) == 1 and databases.is_followed(actives[0])

    def rejoin(self) -> bool:
        """Lets a PostgreSQL server follow its active mate again whose log has left the mate's.

        What only that server has is lost then: so it is a person's word, not Tandem's.
        """
        if not self.cluster.is_database:
            return False
        actives = databases.writable(self.cluster)
        if len(actives) != 1:
            return False
        mate = self.cluster.mate(actives[0])
        if self.cluster.driver == "patroni":
            return self._restart_patroni(actives[0])
        if mate is None or not machine.is_on(mate) or databases.is_followed(actives[0]):
            return False
        code, said = databases.drive(mate, "rejoin", limit=120.0)
        self.pressed.append(f"rejoin {mate.name} ({code} {said[-120:]})")
        return True

    def _restart_patroni(self, active: Server) -> bool:
        """Patroni 3.0 may keep an old view of its store after it hung: then it never names a standby again."""
        if databases.is_synchronous(active):
            return False
        pause = ("patronictl", "-c", "/etc/patroni/config.yml")
        machine.ask(active, *pause, "pause", self.cluster.name)
        code, said = machine.ask(active, "systemctl", "restart", "patroni")
        machine.ask(active, *pause, "resume", self.cluster.name)
        self.pressed.append(f"restart patroni on {active.name} ({code} {said[-120:]})")
        return True

    def restore_synchronous(self) -> str:
        """Lets the active database wait for its standby again; why not, or empty."""
        if self.cluster.driver != "postgresql":
            return ""
        actives = databases.writable(self.cluster)
        if len(actives) != 1:
            return f"{len(actives)} databases take writes"
        code, said = databases.drive(actives[0], "restore-synchronous")
        return said if code else ""


def _wanted(status: dict[str, Any], buttons: tuple[str, ...]) -> str | None:
    """The button to press; empty: wait; None: there is nothing left to do."""
    offers = enabled(status)
    is_held = any(server["isHeld"] for server in status["servers"])
    if is_closed(status):
        if is_held:
            return "release" if "release" in offers and "release" in buttons else ""
        if all(server["role"] != "active" for server in status["servers"]):
            return next((one for one in offers if one == "restore-service" and one in buttons), "")
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
    return bool(status.get("action"))


def is_closed(status: dict[str, Any]) -> bool:
    """Whether no operation is open; the last one is still shown."""
    return bool(status["position"] == "idle")
