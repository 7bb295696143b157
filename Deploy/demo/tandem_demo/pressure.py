"""How much of the time somebody waited for CPU or disk: whether measured times say anything."""

import time
from collections.abc import Mapping

LIMITS: Mapping[str, float] = {"cpu": 70.0, "io": 15.0}
"""Percent of a time above which this machine is busy with something else than the demo."""


class Pressure:
    """Measures from when it is made, by Linux's own count (PSI)."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.waited = {kind: _waited_seconds(kind) for kind in LIMITS}

    def excuse(self) -> str:
        """Why a time measured meanwhile proves nothing; empty where it does."""
        passed = max(time.monotonic() - self.began, 0.001)
        words = []
        for kind, limit in LIMITS.items():
            percent = 100 * (_waited_seconds(kind) - self.waited[kind]) / passed
            if percent > limit:
                words.append(f"others waited for {kind} {percent:.0f}% of the time")
        return ", ".join(words)


def _waited_seconds(kind: str) -> float:
    """The time in which at least one task had to wait; 0 where the kernel does not count."""
    try:
        with open(f"/proc/pressure/{kind}", encoding="utf-8") as file:
            line = next((line for line in file if line.startswith("some ")), "")
        return int(line.rpartition("total=")[2]) / 1_000_000
    except (OSError, ValueError):
        return 0.0
