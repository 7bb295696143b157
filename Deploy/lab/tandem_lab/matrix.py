"""Runs cells of the fault matrix on fresh servers, and says what came of them."""

import os
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tandem_lab import actions, cells, machine, products, record, wires
from tandem_lab.cells import ACTIONS, BUTTONS, CONTROLLER, FAULTS, Cell
from tandem_lab.operator import DOWNWARD, UPWARD, Operator
from tandem_lab.plan import Cluster, Plan, Server
from tandem_lab.tandem import Site, TandemError
from tandem_lab.witness import Witness, service_answers

MOMENT_SECONDS = (0.05, 1.2)
"""After the press: in the middle of the action, wherever that is."""
OUTAGE_SECONDS = 60.0
DOUBLE_SECONDS = 1.0
"""VRRP itself may have two bearers for a moment while it elects."""
SETTLE_SECONDS = 60.0
SLOW_KILOBITS = 256


@dataclass
class Outcome:
    """What came of a cell."""

    cell: Cell
    faults: list[str] = field(default_factory=list)
    """What is not as it should be; empty: held."""
    outage_seconds: float = 0.0
    double_seconds: float = 0.0
    end: str = ""
    seconds: float = 0.0
    pressed: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """One line."""
        verdict = "held" if not self.faults else "FAILED " + "; ".join(self.faults)
        return (
            f"{self.cell.text}: {verdict} (ends {self.end}, longest outage "
            f"{self.outage_seconds:.1f} s, {self.seconds:.0f} s)"
        )


class Runner:
    """One cell on one cluster."""

    def __init__(self, plan: Plan, site: Site, cluster: Cluster, cell: Cell, seed: int) -> None:
        self.plan = plan
        self.site = site
        self.cluster = cluster
        self.cell = cell
        self.generator = random.Random(f"{cell} {seed}")
        self.operator = Operator(site, cluster)
        self.witness = Witness(cluster, os.path.join(site.run, f"witness-{cluster.name}"))

    def run(self) -> Outcome:
        """Everything, from idle to idle."""
        outcome = Outcome(self.cell)
        began = time.monotonic()
        self.witness.begin()
        try:
            self._run(outcome)
        except (TandemError, machine.MachineError, KeyError, OSError) as error:
            outcome.faults.append(" ".join(f"{error}".split())[:300])
        finally:
            self.witness.end()
            outcome.seconds = time.monotonic() - began
            outcome.double_seconds = self.witness.longest_double
            outcome.pressed = self.operator.pressed
        return outcome

    def _run(self, outcome: Outcome) -> None:
        for action in ACTIONS[self.cell.action]:
            self.operator.do(BUTTONS[action])
        button = BUTTONS[self.cell.action]
        self._wait_for(button)
        victim = self._victim()
        self.witness.mark("action")
        self.operator.press(button, waits=False)
        time.sleep(self.generator.uniform(*MOMENT_SECONDS))
        self._strike(victim)
        self._heal(victim)
        goes_up = self.generator.random() < 0.5
        if not self.operator.pursue(UPWARD if goes_up else DOWNWARD):
            status = self.operator.status()
            outcome.faults.append(f"not closed: {status and status['nextStep']}"[:300])
        self.witness.close_interval()
        outcome.outage_seconds = self.witness.outage_seconds()
        self._judge(outcome)

    def _wait_for(self, button: str) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            status = self.operator.status()
            if status and any(
                one["button"] == button and one["isEnabled"] for one in status["buttons"]
            ):
                return
            time.sleep(0.2)
        raise TandemError(f"{button} can't be pressed before the fault")

    def _victim(self) -> Server | None:
        if self.cell.victim == CONTROLLER:
            return None
        bearers = self.witness.bearers()
        for server in self.cluster.servers:
            if (server.name in bearers) == (self.cell.victim == "active"):
                return server
        raise TandemError(f"no server of {self.cluster.name} is {self.cell.victim}: {bearers}")

    def _strike(self, victim: Server | None) -> None:
        if victim is None:
            return self.site.stop_controller()
        mate = self.cluster.mate(victim)
        match self.cell.fault:
            case "power-off":
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
        return None

    def _heal(self, victim: Server | None) -> None:
        if victim is None:
            time.sleep(2)
            return self.site.start_controller()
        time.sleep(FAULTS[self.cell.fault])
        mate = self.cluster.mate(victim)
        match self.cell.fault:
            case "power-off":
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
        machine.wait_until_up(victim)
        return None

    def _judge(self, outcome: Outcome) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            found = self._findings(outcome)
            if not found or time.monotonic() > deadline:
                break
            time.sleep(1)
        outcome.faults += found
        # Two things that no later look can mend.
        is_own = self.cell.fault in ("power-off", "freeze", "unplug", "reboot")
        if outcome.outage_seconds > OUTAGE_SECONDS and not is_own:
            outcome.faults.append(f"nobody answered for {outcome.outage_seconds:.0f} s")
        if self.witness.longest_double > DOUBLE_SECONDS and self.cell.fault not in (
            *("cut-off-mate", "freeze", "unplug"),
        ):
            outcome.faults.append(f"two were active for {self.witness.longest_double:.1f} s")

    def _findings(self, outcome: Outcome) -> list[str]:
        status = self.operator.status()
        if status is None:
            return ["the controller does not answer"]
        found = []
        releases = {server["runningRelease"] for server in status["servers"]}
        roles = sorted(server["role"] for server in status["servers"])
        outcome.end = " and ".join(sorted(releases))
        if len(releases) != 1:
            found.append(f"releases {sorted(releases)}")
        if roles != ["active", "standby"]:
            found.append(f"roles {roles}")
        if alarms := [f"{one['number']} {one['instance']}" for one in status["alarms"]]:
            found.append(f"alarms {alarms}")
        bearers = self.witness.bearers()
        if len(bearers) != 1:
            found.append(f"{len(bearers)} servers have the service address")
        for server in self.cluster.servers:
            code, said = machine.ask(
                server, "dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}",
                f"{self.cluster.kind}-server",
            )
            wanted = outcome.end.rpartition(" ")[2]
            if code or not said.startswith(f"installed {wanted}"):
                found.append(f"{server.name} has packages {said}")
        if not service_answers(self.cluster):
            found.append("the service address does not answer")
        return found


def run_cells(
    plan: Plan, wanted: Sequence[Cell], seed: int, note: Callable[[Outcome], None]
) -> list[Outcome]:
    """All of them, as many at once as there are clusters for; fresh servers for each round."""
    clusters = [one for one in plan.clusters if products.is_supported(one) and one.service_address]
    outcomes: list[Outcome] = []
    queue = list(wanted)
    while queue:
        round_cells = _round(queue, clusters)
        for cell, _ in round_cells:
            queue.remove(cell)
        actions.down(plan, [])
        actions.up(plan, [server.name for _, one in round_cells for server in one.servers])
        site = Site(plan)
        with ThreadPoolExecutor(len(round_cells)) as pool:
            runners = [Runner(plan, site, one, cell, seed) for cell, one in round_cells]
            for outcome in pool.map(Runner.run, runners):
                outcomes.append(outcome)
                print(f"{len(outcomes):3}/{len(wanted)} {outcome.text}", flush=True)
                note(outcome)
                if outcome.faults:
                    keep_evidence(plan, site, outcome)
    return outcomes


def _round(queue: Sequence[Cell], clusters: Sequence[Cluster]) -> list[tuple[Cell, Cluster]]:
    """Cells that can run side by side: a dead controller is everybody's."""
    if queue[0].victim == CONTROLLER:
        one = next(cluster for cluster in clusters if cluster.driver == queue[0].driver)
        return [(queue[0], one)]
    found: list[tuple[Cell, Cluster]] = []
    free = list(clusters)
    for cell in queue:
        if cell.victim == CONTROLLER:
            continue
        match = next((one for one in free if one.driver == cell.driver), None)
        if match:
            free.remove(match)
            found.append((cell, match))
    return found


def keep_evidence(plan: Plan, site: Site, outcome: Outcome) -> None:
    """What the controller and the servers said, for whoever looks for the cause."""
    name = outcome.cell.text.replace(" ", "-").replace(":", "")
    folder = os.path.join(os.path.dirname(site.run), "evidence", name)
    os.makedirs(folder, exist_ok=True)
    clusters = [one for one in plan.clusters if one.driver == outcome.cell.driver]
    with open(os.path.join(folder, "outcome"), "w", encoding="utf-8") as file:
        file.write(f"{outcome.text}\npressed: {outcome.pressed}\n")
        for cluster in clusters:
            file.write(f"{site.ask('cluster', 'show', cluster.name)[1]}\n")
            file.write(f"{site.ask('log', cluster.name)[1]}\n")
    for cluster in clusters:
        for server in cluster.servers:
            with open(os.path.join(folder, f"{server.name}.log"), "w", encoding="utf-8") as file:
                file.write(machine.ask(server, "journalctl", "--no-pager", "-n", "400")[1])
    with open(site.log, encoding="utf-8", errors="replace") as log:
        text = log.read()[-200_000:]
    with open(os.path.join(folder, "controller.log"), "w", encoding="utf-8") as file:
        file.write(text)


def _drivers(plan: Plan) -> list[str]:
    """Those of clusters in which a role can move."""
    found = {one.driver for one in plan.clusters if products.is_supported(one)}
    return sorted(found - {"standalone"})


def _conclude(outcomes: Sequence[Outcome], seed: int) -> int:
    failed = [outcome for outcome in outcomes if outcome.faults]
    for outcome in failed:
        print(f"FAILED {outcome.text}")
    print(f"seed {seed}: {len(outcomes) - len(failed)} cells held, {len(failed)} failed")
    return 1 if failed or not outcomes else 0


def test(plan: Plan, words: Sequence[str]) -> int:
    """`lab test [COUNT [SEED [PART]]]`: so many cells by seed; exit code 1 if one did not hold."""
    count = int(words[0]) if words else 20
    seed = int(words[1]) if len(words) > 1 else 1
    candidates = cells.all_cells(_drivers(plan))
    if len(words) > 2:
        candidates = [cell for cell in candidates if words[2] in cell.text]
    chosen = cells.chosen(candidates, count, seed)
    return _conclude(run_cells(plan, chosen, seed, lambda _: None), seed)


def extend(plan: Plan, words: Sequence[str]) -> int:
    """`lab matrix [COUNT [SEED]]`: so many cells, never-run ones first, onto the page of Docs."""
    count = int(words[0]) if words else 20
    seed = int(words[1]) if len(words) > 1 else 1
    runs = [line.cell for line in record.read()]
    candidates = cells.chosen(cells.all_cells(_drivers(plan)), 10_000, seed)
    candidates.sort(key=runs.count)

    def note(outcome: Outcome) -> None:
        record.add(
            record.Line(
                time.strftime("%Y-%m-%d"),
                outcome.cell,
                "held" if not outcome.faults else "FAILED " + "; ".join(outcome.faults),
                outcome.end,
                f"{outcome.outage_seconds:.1f}",
                f"{outcome.seconds:.0f}",
            )
        )
        record.write_page(_drivers(plan))

    return _conclude(run_cells(plan, candidates[:count], seed, note), seed)
