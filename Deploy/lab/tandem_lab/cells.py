"""The cells of the fault matrix: what is done, what breaks meanwhile, and at whom."""

import random
from collections.abc import Iterator, Mapping, Sequence
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
"""Each action of a two-server cluster, and what is done before it."""
SINGLE_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "install": (),
    "reapply": ("install",),
    "accept": ("install", "reapply"),
    "back-out": ("install", "reapply"),
}
"""The same for the one server of a cluster."""
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
FAILOVERS = ("failover", "failover back")
INSTALLS = ("install", "second install")
BACK_OUTS = ("back-out", "second back-out")
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
"""What breaks at either server during any action, and for how many seconds."""
RETURN = "power-off-until-mate-serves"
"""The active server comes back when its mate serves: it must not serve then."""
DIES_FIRST = "power-off-before-start"
"""The mate dies behind the controller's check and before the agent starts: nothing may start."""
BROKEN_DPKG = "broken-dpkg"
"""dpkg stops half-way, on the way there and on the way back: what a zombie is made of."""
CONTROLLER_FAULTS = {"kill": 2.0, "power-off": 8.0, "freeze": 12.0, "cut-off-servers": 12.0}
VICTIMS = ("active", "standby")
CONTROLLER = "controller"
STRIKES_FIRST = (DIES_FIRST, BROKEN_DPKG)
"""These are there before the press; the others come in the middle."""


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


def actions_of(driver: str) -> Mapping[str, tuple[str, ...]]:
    """What can be done with a cluster of that driver, and what comes before."""
    return SINGLE_ACTIONS if driver == "standalone" else ACTIONS


def columns(driver: str) -> list[tuple[str, str]]:
    """Each fault and victim that there is for a driver, in a fixed order."""
    if driver == "standalone":
        alone = [fault for fault in FAULTS if fault != "cut-off-mate"]
        found = [(fault, "active") for fault in (*alone, BROKEN_DPKG)]
    else:
        found = [(fault, victim) for fault in FAULTS for victim in VICTIMS]
        found += [(RETURN, "active"), (DIES_FIRST, "active"), (DIES_FIRST, "standby")]
        found.append((BROKEN_DPKG, "standby"))
    return found + [(fault, CONTROLLER) for fault in CONTROLLER_FAULTS]


def exists(cell: Cell) -> bool:
    """Whether a fault means something for an action."""
    if cell.fault == DIES_FIRST:
        # An install needs the serving mate, a failover the one that is to serve.
        return cell.action in (INSTALLS if cell.victim == "active" else FAILOVERS)
    if cell.fault == BROKEN_DPKG:
        return cell.action in (*INSTALLS, *BACK_OUTS)
    return True


def all_cells(driver: str) -> list[Cell]:
    """Every square of a driver, in a fixed order."""
    squares = (
        Cell(driver, action, fault, victim)
        for action in actions_of(driver)
        for fault, victim in columns(driver)
    )
    return [cell for cell in squares if exists(cell)]


def shuffled(driver: str, seed: int) -> list[Cell]:
    """All cells of a driver by a seed, every fault once before any comes again."""
    found = all_cells(driver)
    random.Random(f"{driver} {seed}").shuffle(found)
    first: dict[str, Cell] = {}
    for cell in found:
        first.setdefault(cell.fault, cell)
    return [*first.values(), *(cell for cell in found if cell not in first.values())]


def dealt(by_driver: Mapping[str, Sequence[Cell]], drivers: Sequence[str]) -> Iterator[Cell]:
    """Cells in turn for each cluster's driver, as long as there are any."""
    queues = {driver: iter(by_driver[driver]) for driver in set(drivers)}
    while True:
        found = [cell for driver in drivers if (cell := next(queues[driver], None))]
        if not found:
            return
        yield from found
