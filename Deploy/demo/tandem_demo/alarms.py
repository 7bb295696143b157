"""The alarms of the demo's network: what was raised and cleared, and when."""

from typing import Any

from tandem_demo.cli import Tandem, wait_until
from tandem_demo.console import Console, clock

MIXED = 70501
SETTLE_SECONDS = 5.0
"""In which an alarm follows what is observed (T_alarm)."""


class AlarmBook:
    """Tells each raise and clear once."""

    def __init__(self, tandem: Tandem, console: Console) -> None:
        self.tandem = tandem
        self.console = console
        self.told: set[tuple[object, ...]] = set()
        self.raised_count = 0

    def tell_news(self) -> None:
        """Prints what was raised and cleared since the last time."""
        news = []
        for entry in self.tandem.json("alarm", "list", "--history"):
            for verb, moment in (("raised", "raisedAt"), ("cleared", "clearedAt")):
                if time := entry.get(moment):
                    at = time["milliseconds"]
                    news.append((at, verb, entry["number"], entry["instance"], _words(entry)))
        for event in sorted(news):
            at, verb, number, instance, words = event
            key = (at, verb, number, instance)
            if key not in self.told:
                self.told.add(key)
                self.raised_count += verb == "raised"
                self.console.say(f"  alarm {verb:7} {clock(at / 1000)}  {words}")

    def active(self) -> list[str]:
        """Every raised alarm in words."""
        return [_words(entry) for entry in self.tandem.json("alarm", "list")]

    def _is_mixed(self, cluster: str) -> bool:
        """Whether 70501 is raised for a cluster."""
        return any(
            entry["number"] == MIXED and entry["instance"] == cluster
            for entry in self.tandem.json("alarm", "list")
        )

    def wait_for_mixed(self, cluster: str, is_raised: bool) -> None:
        """Waits until 70501 is as it should be; raises DemoError if it does not come to that."""
        state = "raised" if is_raised else "cleared"
        wait_until(
            lambda: self._is_mixed(cluster) == is_raised,
            lambda: f"70501 is {state} for {cluster}; raised are: {self.active() or 'none'}",
            SETTLE_SECONDS,
        )


def _words(entry: dict[str, Any]) -> str:
    """One alarm in one line."""
    expected = " (expected)" if entry.get("isExpected") else ""
    name = f"{entry['number']} {entry['name']}"
    return f"{name:35} {entry['severity']:8} {entry['instance']}{expected}"
