"""Breaks something at a server or at the controller, and mends it again."""

import os
import signal
import time
from collections.abc import Callable

from tandem_lab import actions, machine, roots, wires
from tandem_lab.cells import (
    BROKEN_DPKG,
    CONTROLLER,
    CONTROLLER_FAULTS,
    DIES_FIRST,
    FAULTS,
    RETURN,
    Cell,
)
from tandem_lab.plan import Cluster, Plan, Server
from tandem_lab.tandem import Site

SLOW_KILOBITS = 256
TAKE_OVER_SECONDS = 100.0
DIES_FIRST_SECONDS = 10.0
ZOMBIE_SECONDS = 20.0
DPKG = "usr/bin/dpkg"
HALF_WAY = """\
#!/bin/sh
# Unpacks once and then fails, whatever is asked for: left behind by the lab.
[ ! -e /run/half-way ] || { echo "dpkg: the disk's index is corrupt (says the lab)" >&2; exit 2; }
: >/run/half-way
for word do
    shift
    [ "$word" != --install ] || word=--unpack
    set -- "$@" "$word"
done
/usr/bin/dpkg.whole "$@"
echo "dpkg: stops half-way (says the lab)" >&2
exit 2
"""


class Strike:
    """One fault of one cell."""

    def __init__(self, plan: Plan, site: Site, cluster: Cluster, cell: Cell) -> None:
        self.plan = plan
        self.site = site
        self.cluster = cluster
        self.cell = cell

    def begin(self, victim: Server | None) -> None:
        """Breaks it; `None` stands for the controller."""
        if victim is None:
            return self._begin_at_controller()
        mate = self.cluster.mate(victim)
        match self.cell.fault:
            case "power-off" | "power-off-until-mate-serves" | "power-off-before-start":
                machine.power_off(self.plan, victim)
            case "freeze":
                machine.freeze(victim, True)
            case "reboot":
                machine.reboot(victim)
            case "kill-agent":
                machine.ask(victim, "systemctl", "kill", "-s", "KILL", "tandem-agent")
            case "unplug":
                wires.plug(victim, False)
            case "cut-off-controller":
                wires.part(self.plan, victim.name, CONTROLLER)
            case "cut-off-mate" if mate:
                wires.part(self.plan, victim.name, mate.name)
            case "full-disk":
                actions.fill(victim)
            case "slow":
                wires.slow(victim, SLOW_KILOBITS)
            case "broken-dpkg":
                _break_dpkg(victim)
        return None

    def end(self, victim: Server | None, is_mate_serving: Callable[[], bool]) -> None:
        """Lets it last, and mends it."""
        if victim is None:
            return self._end_at_controller()
        self._last(is_mate_serving)
        mate = self.cluster.mate(victim)
        match self.cell.fault:
            case "power-off" | "power-off-until-mate-serves" | "power-off-before-start":
                machine.power_on(self.plan, victim)
            case "freeze":
                machine.freeze(victim, False)
            case "unplug":
                wires.plug(victim, True)
            case "cut-off-controller":
                wires.heal(victim.name, CONTROLLER)
            case "cut-off-mate" if mate:
                wires.heal(victim.name, mate.name)
            case "full-disk":
                actions.empty(victim)
            case "slow":
                wires.slow(victim, 0)
            case "broken-dpkg":
                _mend_dpkg(victim)
        machine.wait_until_up(victim)
        return None

    def _last(self, is_mate_serving: Callable[[], bool]) -> None:
        if self.cell.fault == RETURN:
            deadline = time.monotonic() + TAKE_OVER_SECONDS
            while time.monotonic() < deadline and not is_mate_serving():
                time.sleep(0.5)
            return
        own = {DIES_FIRST: DIES_FIRST_SECONDS, BROKEN_DPKG: ZOMBIE_SECONDS}
        time.sleep(own.get(self.cell.fault) or FAULTS[self.cell.fault])

    def _begin_at_controller(self) -> None:
        match self.cell.fault:
            case "kill":
                self.site.stop_controller()
            case "power-off":
                wires.seat_controller(self.plan, False)
                self.site.stop_controller()
            case "freeze":
                self.site.signal_controller(signal.SIGSTOP)
            case "cut-off-servers":
                for server in self.cluster.servers:
                    wires.part(self.plan, server.name, CONTROLLER)

    def _end_at_controller(self) -> None:
        time.sleep(CONTROLLER_FAULTS[self.cell.fault])
        match self.cell.fault:
            case "kill":
                self.site.start_controller()
            case "power-off":
                wires.seat_controller(self.plan, True)
                self.site.start_controller()
            case "freeze":
                self.site.signal_controller(signal.SIGCONT)
            case "cut-off-servers":
                for server in self.cluster.servers:
                    wires.heal(server.name, CONTROLLER)


def _break_dpkg(server: Server) -> None:
    path = os.path.join(roots.root_of(server), DPKG)
    os.rename(path, f"{path}.whole")
    machine.write(server, f"/{DPKG}", HALF_WAY, 0o755)


def _mend_dpkg(server: Server) -> None:
    path = os.path.join(roots.root_of(server), DPKG)
    os.replace(f"{path}.whole", path)
