"""How much of the time somebody waited for a CPU: whether measured times say anything."""

import time

PRESSURE_FILE = "/proc/pressure/cpu"


class Pressure:
    """Measures from when it is made; Linux's own count (PSI)."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.waited = _waited_seconds()

    def percent(self) -> float:
        """So far; 0 where the kernel does not count."""
        passed = time.monotonic() - self.began
        return 100 * (_waited_seconds() - self.waited) / passed if passed > 0 else 0.0


def _waited_seconds() -> float:
    """`some`: the time in which at least one task could not run although it wanted to."""
    try:
        with open(PRESSURE_FILE, encoding="utf-8") as file:
            line = next((line for line in file if line.startswith("some ")), "")
        return int(line.rpartition("total=")[2]) / 1_000_000
    except (OSError, ValueError):
        return 0.0
