"""The cells of the fault matrix: what is done, what breaks meanwhile, and at whom."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

ACTIONS = {
    "install": (),
    "failover": ("install",),
    "reapply": ("install", "failover"),
    "second install": ("install", "failover", "reapply"),
    "accept": ("install", "failover", "reapply", "second install"),
    "back-out": ("install", "failover", "reapply", "second install"),
    "failover back": ("install", "failover", "reapply", "second install", "back-out"),
    "second back-out": (
        *("install", "failover", "reapply", "second install", "back-out"),
        "failover back",
    ),
}
"""Each action, and what is done before it."""
BUTTONS = {
    "install": "start-upgrade",
    "failover": "continue-upgrade",
    "reapply": "reapply-configuration",
    "second install": "continue-upgrade",
    "accept": "accept",
    "back-out": "start-rollback",
    "failover back": "continue-rollback",
    "second back-out": "continue-rollback",
}
FAULTS = {
    "power-off": 8.0,
    "freeze": 12.0,
    "reboot": 0.0,
    "kill-agent": 0.0,
    "unplug": 12.0,
    "cut-off-controller": 12.0,
    "cut-off-mate": 12.0,
    "full-disk": 8.0,
    "slow": 10.0,
}
"""What breaks, and for how many seconds."""
VICTIMS = ("active", "standby")
CONTROLLER = "controller"


@dataclass(frozen=True, order=True)
class Cell:
    """One square of the matrix."""

    driver: str
    action: str
    fault: str
    victim: str
    """`active` or `standby`, as the servers are when the action begins; or `controller`."""

    @property
    def text(self) -> str:
        """For people."""
        return f"{self.driver}: {self.fault} of the {self.victim} during {self.action}"


def all_cells(drivers: Sequence[str]) -> list[Cell]:
    """Every square, in a fixed order."""
    found = [
        Cell(driver, action, fault, victim)
        for driver, action, fault, victim in itertools.product(drivers, ACTIONS, FAULTS, VICTIMS)
    ]
    return found + [
        Cell(driver, action, "kill", CONTROLLER)
        for driver, action in itertools.product(drivers, ACTIONS)
    ]


def chosen(cells: Sequence[Cell], count: int, seed: int) -> list[Cell]:
    """So many of them, with every fault at least once where there is room."""
    generator = random.Random(seed)
    shuffled = list(cells)
    generator.shuffle(shuffled)
    first: dict[str, Cell] = {}
    for cell in shuffled:
        first.setdefault(cell.fault, cell)
    rest = [cell for cell in shuffled if cell not in first.values()]
    return [*first.values(), *rest][:count]
