"""A release whose versions may not replicate with each other, on a real pair: there, and back."""

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from tandem_lab import actions, databases, roots, wires, witness
from tandem_lab.operator import Operator
from tandem_lab.plan import Cluster, Plan
from tandem_lab.products import APART, CARRYING, OLD
from tandem_lab.tandem import Site, TandemError

WAIT_SECONDS = 40.0
INHIBITED, NO_TAKEOVER = 70502, 70583


class Walk:
    """One pair through both releases, with a client that writes all the time."""

    def __init__(self, plan: Plan, site: Site) -> None:
        self.cluster: Cluster = plan.clusters[0]
        self.operator = Operator(site, self.cluster)
        self.witness = witness.RowWitness(self.cluster, os.path.join(site.run, "witness"))
        self.faults: list[str] = []

    def expect(self, holds: bool, what: str) -> None:
        """One line, and a fault where it is not so."""
        print(f"{'ok    ' if holds else 'FAILED'} {what}", flush=True)
        if not holds:
            self.faults.append(what)

    def becomes(self, holds: Callable[[], bool], what: str) -> None:
        """The same, within a time."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not holds() and time.monotonic() < deadline:
            time.sleep(0.3)
        self.expect(holds(), what)

    def alarms(self) -> set[int]:
        """The numbers that are raised."""
        status: dict[str, Any] = self.operator.status() or {"alarms": []}
        return {int(one["number"]) for one in status["alarms"]}

    def run(self) -> None:
        """There and back without carried data, then there with them."""
        first, second = self.cluster.servers
        self.witness.begin()
        try:
            self._refused(first.name)
            self._carried(first.name, second.name)
        finally:
            self.witness.end()

    def _refused(self, active: str) -> None:
        """Without a way to bring the data over nobody fails over; the way back makes all whole."""
        self.operator.release = APART
        self.operator.do("start-upgrade")
        self._cut_off()
        self.becomes(self.witness.answers, "the active server takes writes alone")
        code, said = self.operator.press("continue-upgrade")
        self.expect(code != 0 and "will be lost" in said, f"Continue is refused: {said[-160:]}")
        self.expect(self.witness.bearers() == [active], f"{active} still serves")
        self.operator.do("start-rollback")
        self._finish(OLD)

    def _carried(self, old_active: str, new_active: str) -> None:
        self.operator.release = CARRYING
        self.operator.do("start-upgrade")
        self._cut_off()
        self.operator.do("continue-upgrade")
        self.becomes(lambda: self.witness.bearers() == [new_active], f"{new_active} serves")
        self.becomes(self.witness.answers, f"{new_active} takes writes")
        self.becomes(
            lambda: {INHIBITED, NO_TAKEOVER} <= self.alarms(), "70502 and 70583 stay, for the other server"
        )
        self.expect(not self.witness.losses(), "no acknowledged row is lost at the failover")
        self.operator.do("reapply-configuration")
        self.operator.do("continue-upgrade")
        self._finish(CARRYING)
        self.expect(old_active not in self.witness.bearers(), f"{old_active} stands by")

    def _cut_off(self) -> None:
        """Behind the install of the standby."""
        active = databases.writable(self.cluster)[0]
        self.becomes(lambda: INHIBITED in self.alarms(), "70502: replication is held back")
        self.becomes(lambda: NO_TAKEOVER in self.alarms(), "70583: nobody may take over")
        self.expect(
            databases.ask(active, "show synchronous_standby_names") == (0, ""),
            f"{active.name} waits for nobody",
        )
        self.expect(not databases.is_followed(active), f"nobody receives from {active.name}")

    def _finish(self, version: str) -> None:
        """To the end of the operation; then commits wait for the standby again, by an explicit step."""
        up, down = ("accept",), ("continue-rollback", "close")
        self.expect(self.operator.pursue(up if version != OLD else down), f"the operation ends at {version}")
        self.becomes(lambda: not {INHIBITED, NO_TAKEOVER} & self.alarms(), "70502 and 70583 are clear")
        self.becomes(lambda: not self.operator.restore_synchronous(), "synchronous replication is restored")
        self.becomes(
            lambda: databases.is_synchronous(databases.writable(self.cluster)[0]), "commits wait again"
        )
        self.becomes(self.witness.answers, "writes go on")
        losses = self.witness.losses()
        self.expect(not losses and not self.witness.lost_alone, f"no row is lost {losses or ''}")
        self.expect(self.witness.longest_double == 0, "never two servers took writes")


def run(plan: Plan, _: Sequence[str]) -> int:
    """`lab isolated`: exit code 1 if something is not as it should be."""
    base = actions.prepare_ground()
    cluster = next(one for one in plan.clusters if one.driver == "postgresql")
    alone = plan.alone(cluster)
    actions.clear(alone)
    roots.mount()
    wires.lay_switch(plan)
    site = Site(alone)
    site.make(isolated=True)
    actions.begin(alone, site, alone.servers, base, lambda _: None)
    for version in (APART, CARRYING):
        site.do("image", "stage", f"{cluster.kind}-{version}", cluster.name, "--wait", "120")
    walk = Walk(alone, site)
    try:
        walk.run()
    except TandemError as error:
        walk.expect(False, str(error))
    if not walk.faults:
        actions.clear(alone)
    return 1 if walk.faults else 0
