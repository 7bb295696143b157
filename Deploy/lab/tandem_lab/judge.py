"""What must be so after a cell, whatever broke in it."""

import time
from typing import Any

from tandem_lab import machine
from tandem_lab.cells import CONTROLLER, FAILOVERS, Cell
from tandem_lab.operator import Operator
from tandem_lab.plan import Cluster, Server
from tandem_lab.witness import RowWitness, Witness

FAILOVER_SECONDS = 60.0
"""A commanded failover leaves nobody serving for at most so long."""
DOUBLE_SECONDS = 1.0
"""VRRP itself may have two bearers for a moment while it elects."""
SETTLE_SECONDS = 60.0
ZOMBIE_SECONDS = 20.0
TAKES_ACTIVE_AWAY = ("power-off", "freeze", "unplug", "reboot")
"""Faults that end a server's service by themselves (all whose names begin so)."""
SPLITS_VRRP = ("cut-off-mate", "freeze", "unplug")
"""Faults behind which keepalived by itself has two bearers: nobody of them sees the other."""
TWO_ACTIVE = 70581
LATE_FENCE_SECONDS = 7.0
"""A target that froze above 4 s inside `promote` may be active beside its mate so long, and that is told."""


class Judge:
    """Of one cell."""

    def __init__(
        self, cluster: Cluster, cell: Cell, operator: Operator, witness: Witness
    ) -> None:
        self.cluster = cluster
        self.cell = cell
        self.operator = operator
        self.witness = witness
        self.end = ""
        self.notes: list[str] = []
        self._packages: dict[str, str] = {}
        self._bearers: list[str] = []
        self._victim: Server | None = None

    def begin(self, victim: Server | None) -> None:
        """What is so before the press."""
        self._victim = victim
        self._packages = {server.name: packages(self.cluster, server) for server in self._living()}
        self._bearers = self.witness.bearers()

    def _living(self) -> list[Server]:
        return [server for server in self.cluster.servers if machine.is_on(server)]

    def what_has_started(self) -> list[str]:
        """After the mate's death before the start: nothing may have been changed at the other server."""
        found = []
        for server in self.cluster.servers:
            if server == self._victim:
                continue
            now = packages(self.cluster, server)
            if now != self._packages[server.name]:
                found.append(f"{server.name} was changed beside a dead mate: {now}")
            if server.name in self._bearers and server.name not in self.witness.bearers():
                found.append(f"{server.name} gave its role up to a dead mate")
        return found

    def zombie_alarm(self) -> list[str]:
        """Whether 70508 is raised for a server whose dpkg stopped half-way both ways; for a note."""
        deadline = time.monotonic() + ZOMBIE_SECONDS
        while time.monotonic() < deadline:
            status = self.operator.status()
            if status and any(one["number"] == 70508 for one in status["alarms"]):
                return ["was a zombie"]
            time.sleep(0.5)
        return []

    def last(self, outage_seconds: float) -> list[str]:
        """What is not as it should be at the end."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            found = self._findings()
            if not found or time.monotonic() > deadline:
                break
            time.sleep(1)
        found += self.witness.losses()
        if isinstance(self.witness, RowWitness) and self.witness.lost_alone:
            self.notes.append(f"{self.witness.lost_alone} rows lost that had waited for nobody")
        limit = self._outage_limit()
        if outage_seconds > limit:
            found.append(f"nobody served for {outage_seconds:.1f} s, {limit:.0f} s are allowed")
        return found + self._doubles()

    def _outage_limit(self) -> float:
        """How long nobody may serve: never, but for what the fault takes and a failover."""
        is_taken = self.cell.fault.startswith(TAKES_ACTIVE_AWAY) and self.cell.victim == "active"
        is_single = len(self.cluster.servers) == 1
        if self.cell.victim != CONTROLLER and (is_taken or is_single):
            return float("inf")
        return FAILOVER_SECONDS

    def _doubles(self) -> list[str]:
        double = self.witness.longest_double
        if double <= (0 if self.cluster.is_database else DOUBLE_SECONDS):
            return []
        if self.cluster.driver == "keepalived" and self.cell.fault in SPLITS_VRRP:
            self.notes.append(f"VRRP had two bearers for {double:.1f} s")
            return []
        if self._may_fence_late() and double <= LATE_FENCE_SECONDS:
            self.notes.append(f"the thawed target fenced itself after {double:.1f} s")
            return [] if self._was_told(TWO_ACTIVE) else [f"{TWO_ACTIVE} was not raised meanwhile"]
        return [f"two were active for {double:.1f} s"]

    def _was_told(self, number: int) -> bool:
        """Whether an alarm of the cluster was raised, be it clear by now."""
        return any(
            one["number"] == number and one["instance"] == self.cluster.name
            for one in self.operator.site.json("alarm", "list", "--history")
        )

    def _may_fence_late(self) -> bool:
        """The one exception: a target without a referee that hangs inside its own promotion."""
        return (
            self.cluster.driver == "postgresql"
            and self.cell.fault == "freeze"
            and self.cell.victim == "standby"
            and self.cell.action in FAILOVERS
        )

    def _findings(self) -> list[str]:
        status = self.operator.status()
        if status is None:
            return ["the controller does not answer"]
        found = []
        releases = {server["runningRelease"] for server in status["servers"]}
        self.end = " and ".join(sorted(releases))
        if len(releases) != 1:
            found.append(f"releases {sorted(releases)}")
        roles = sorted(server["role"] for server in status["servers"])
        if roles != ["active", "standby"][: len(roles)]:
            found.append(f"roles {roles}")
        found += self._wrong_alarms(status)
        bearers = self.witness.bearers()
        if len(bearers) != 1:
            found.append(f"{len(bearers)} servers serve")
        active = [server["name"] for server in status["servers"] if server["role"] == "active"]
        if len(bearers) == 1 and active != bearers:
            found.append(f"{bearers[0]} serves, and {active} is shown active")
        for server in self.cluster.servers:
            said = packages(self.cluster, server)
            if not said.startswith(f"installed {self.end.rpartition(' ')[2]}"):
                found.append(f"{server.name} has packages {said}")
        if not self.witness.answers():
            found.append("the service does not answer")
        return found

    def _wrong_alarms(self, status: dict[str, Any]) -> list[str]:
        """Everything is whole in the end: an alarm that is left tells of what is not so."""
        left = [f"{one['number']} {one['instance']}" for one in status["alarms"]]
        return [f"alarms {left}"] if left else []


def packages(cluster: Cluster, server: Server) -> str:
    """State and version of the product's main package by dpkg itself."""
    name = f"{cluster.kind}-server"
    form = "${db:Status-Status} ${Version}"
    return machine.ask(server, "dpkg-query", "-W", "-f", form, name)[1]
