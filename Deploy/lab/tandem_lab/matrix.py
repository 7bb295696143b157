"""Runs cells of the fault matrix on fresh servers, and says what came of them."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tandem_lab import actions, cells, commands, gaps, machine, record, roots, wires, witness
from tandem_lab.cells import BUTTONS, CONTROLLER, DIES_FIRST, FAILOVERS, STRIKES_FIRST, Cell
from tandem_lab.judge import Judge
from tandem_lab.operator import DOWNWARD, UPWARD, Operator, enabled
from tandem_lab.plan import Cluster, Plan, Server
from tandem_lab.strikes import Strike
from tandem_lab.tandem import Site, TandemError

MOMENT_SECONDS = (0.05, 1.2)
"""After the press: in the middle of the action, wherever that is."""
SETTLE_SECONDS = 60.0
ERRORS = (TandemError, machine.MachineError, commands.CommandError, KeyError, OSError, ValueError)


@dataclass
class Outcome:
    """What came of a cell."""

    cell: Cell
    faults: list[str] = field(default_factory=list)
    """What is not as it should be; empty: held."""
    notes: list[str] = field(default_factory=list)
    """What is worth a line though nothing is wrong with it."""
    outage_seconds: float = 0.0
    failover_gaps: list[float] = field(default_factory=list)
    """Of the failovers without a fault, on the way to the action."""
    end: str = ""
    seconds: float = 0.0
    pressed: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """One line."""
        verdict = "held" if not self.faults else "FAILED " + "; ".join(self.faults)
        notes = "".join(f", {note}" for note in self.notes)
        return (
            f"{self.cell.text}: {verdict} (ends {self.end}, longest outage "
            f"{self.outage_seconds:.1f} s, {self.seconds:.0f} s{notes})"
        )


class Runner:
    """One cell on one cluster."""

    def __init__(self, plan: Plan, site: Site, cell: Cell, seed: int) -> None:
        self.plan = plan
        self.site = site
        self.cluster = plan.clusters[0]
        self.cell = cell
        self.generator = random.Random(f"{cell} {seed}")
        self.operator = Operator(site, self.cluster)
        self.witness = witness.of(self.cluster, os.path.join(site.run, "witness"))
        self.strike = Strike(plan, site, self.cluster, cell)
        self.judge = Judge(self.cluster, self.cell, self.operator, self.witness)

    def run(self) -> Outcome:
        """Everything, from idle to idle."""
        outcome = Outcome(self.cell)
        began = time.monotonic()
        self.witness.begin()
        try:
            self._prepare(outcome)
        except ERRORS as error:
            outcome.faults.append(f"before the fault: {_line(error)}")
        else:
            try:
                self._break(outcome)
            except ERRORS as error:
                outcome.faults.append(_line(error))
        finally:
            self.witness.end()
            outcome.seconds = time.monotonic() - began
            outcome.pressed = self.operator.pressed
        return outcome

    def _prepare(self, outcome: Outcome) -> None:
        """Without a fault up to the action."""
        for action in cells.actions_of(self.cell.driver)[self.cell.action]:
            self.witness.mark(action)
            self.operator.do(BUTTONS[action])
            if action in FAILOVERS:
                outcome.failover_gaps.append(self.witness.outage_seconds())
        self._wait_for(BUTTONS[self.cell.action])

    def _break(self, outcome: Outcome) -> None:
        """The action, the fault in it, and the way on to one end or the other."""
        victim = self._victim()
        self.judge.begin(victim)
        self.witness.mark("action")
        if self.cell.fault in STRIKES_FIRST:
            self.strike.begin(victim)
        self.operator.press(BUTTONS[self.cell.action], waits=False)
        if self.cell.fault not in STRIKES_FIRST:
            time.sleep(self.generator.uniform(*MOMENT_SECONDS))
            self.strike.begin(victim)
        self.strike.end(victim, lambda: self._has_moved(victim))
        if self.cell.fault == DIES_FIRST:
            outcome.faults += self.judge.what_has_started()
        if self.cell.fault == cells.BROKEN_DPKG:
            outcome.notes += self.judge.zombie_alarm()
        goes_up = self.generator.random() < 0.5
        if not self.operator.pursue(UPWARD if goes_up else DOWNWARD):
            status = self.operator.status()
            outcome.faults.append(f"not closed: {status and status['nextStep']}"[:300])
        if problem := self.operator.restore_synchronous():
            outcome.faults.append(f"synchronous replication can't be restored: {problem}")
        outcome.outage_seconds = self.witness.outage_seconds()
        outcome.faults += self.judge.last(outcome.outage_seconds)
        outcome.notes += self.judge.notes
        outcome.end = self.judge.end

    def _has_moved(self, victim: Server | None) -> bool:
        """Whether the mate of a server that is off serves; an operator helps where nobody elects."""
        if victim is None or any(name != victim.name for name in self.witness.bearers()):
            return True
        status = self.operator.status()
        if status and "restore-service" in enabled(status):
            self.operator.press("restore-service")
        return False

    def _wait_for(self, button: str) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            status = self.operator.status()
            if status and button in enabled(status):
                return
            time.sleep(0.2)
        raise TandemError(f"{button} can't be pressed")

    def _victim(self) -> Server | None:
        if self.cell.victim == CONTROLLER:
            return None
        bearers = self.witness.bearers()
        for server in self.cluster.servers:
            if (server.name in bearers) == (self.cell.victim == "active"):
                return server
        raise TandemError(f"no server of {self.cluster.name} is {self.cell.victim}: {bearers}")


def _line(error: BaseException) -> str:
    return " ".join(f"{error}".split())[:300]


class Lanes:
    """Each cluster runs one cell after another by itself, beside the others."""

    def __init__(
        self, plan: Plan, wanted: Iterable[Cell], seed: int, note: Callable[[Outcome], None]
    ) -> None:
        self.plan = plan
        self.queue = list(wanted)
        self.count = len(self.queue)
        self.seed = seed
        self.note = note
        self.outcomes: list[Outcome] = []
        self._lock = threading.Lock()

    def run(self) -> list[Outcome]:
        """All of them; fresh servers and a fresh controller for each."""
        base = actions.prepare_ground()
        actions.down(self.plan, [])
        roots.mount()
        wires.lay_switch(self.plan)
        drivers = {cell.driver for cell in self.queue}
        lanes = [one for one in self.plan.clusters if one.driver in drivers]
        with ThreadPoolExecutor(max(1, len(lanes))) as pool:
            list(pool.map(lambda cluster: self._lane(cluster, base), lanes))
        actions.down(self.plan, [])
        return self.outcomes

    def _take(self, driver: str) -> Cell | None:
        with self._lock:
            cell = next((one for one in self.queue if one.driver == driver), None)
            if cell:
                self.queue.remove(cell)
            return cell

    def _lane(self, cluster: Cluster, base: str) -> None:
        plan = self.plan.alone(cluster)
        site = Site(plan)
        is_made = False
        while cell := self._take(cluster.driver):
            try:
                actions.clear(plan)
                if not is_made:
                    wires.lay_switch(plan)
                    site.make()
                    is_made = True
                site.forget()
                actions.begin(plan, site, plan.servers, base, lambda _: None)
                outcome = Runner(plan, site, cell, self.seed).run()
            except ERRORS as error:
                outcome = Outcome(cell, [f"before the fault: {_line(error)}"])
            with self._lock:
                self.outcomes.append(outcome)
                clock = time.strftime("%H:%M:%S")
                print(f"{clock} {len(self.outcomes):3}/{self.count} {outcome.text}", flush=True)
                self.note(outcome)
            if outcome.faults:
                keep_evidence(plan, site, outcome)
        actions.clear(plan)


def keep_evidence(plan: Plan, site: Site, outcome: Outcome) -> None:
    """What the controller and the servers said, for whoever looks for the cause."""
    name = outcome.cell.text.replace(" ", "-").replace(":", "")
    folder = os.path.join(roots.CACHE, "evidence", name)
    os.makedirs(folder, exist_ok=True)
    cluster = plan.clusters[0]
    with open(os.path.join(folder, "outcome"), "w", encoding="utf-8") as file:
        file.write(f"{outcome.text}\npressed: {outcome.pressed}\n")
        file.write(f"{site.ask('cluster', 'show', cluster.name)[1]}\n")
        file.write(f"{site.ask('log', cluster.name)[1]}\n")
    for server in plan.servers:
        with open(os.path.join(folder, f"{server.name}.log"), "w", encoding="utf-8") as file:
            file.write(machine.ask(server, "journalctl", "--no-pager", "-n", "4000")[1])
    if not os.path.exists(site.log):
        return
    with open(site.log, encoding="utf-8", errors="replace") as log:
        text = log.read()[-200_000:]
    with open(os.path.join(folder, "controller.log"), "w", encoding="utf-8") as file:
        file.write(text)


def _drivers(plan: Plan) -> list[str]:
    """Of all lanes: a driver of two clusters stands there twice."""
    return [one.driver for one in plan.clusters]


def _conclude(outcomes: Sequence[Outcome], seed: int) -> int:
    failed = [outcome for outcome in outcomes if outcome.faults]
    for outcome in failed:
        print(f"FAILED {outcome.text}")
    samples = [
        gaps.Sample("", outcome.cell.driver, gaps.TANDEM, gap)
        for outcome in outcomes
        for gap in outcome.failover_gaps
    ]
    print(gaps.table([*samples, *(one for one in gaps.read() if one.by == gaps.ITSELF)]))
    print(f"seed {seed}: {len(outcomes) - len(failed)} cells held, {len(failed)} failed")
    return 1 if failed or not outcomes else 0


def test(plan: Plan, words: Sequence[str]) -> int:
    """`lab test [COUNT [SEED [PART]]]`: so many cells by seed; exit code 1 if one did not hold."""
    count = int(words[0]) if words else 20
    seed = int(words[1]) if len(words) > 1 else 1
    drivers = _drivers(plan)
    by_driver = {driver: cells.shuffled(driver, seed) for driver in drivers}
    wanted = [
        cell
        for cell in cells.dealt(by_driver, drivers)
        if len(words) < 3 or words[2] in cell.text
    ]
    return _conclude(Lanes(plan, wanted[:count], seed, lambda _: None).run(), seed)


def extend(plan: Plan, words: Sequence[str]) -> int:
    """`lab matrix [COUNT [SEED]]`: cells that failed, then never-run ones first, onto the page of Docs."""
    count = int(words[0]) if words else 20
    seed = int(words[1]) if len(words) > 1 else 1
    drivers = _drivers(plan)
    lines = record.read()
    runs = [line.cell for line in lines]
    failed = {cell for cell, line in {line.cell: line for line in lines}.items() if not line.is_good}

    def turn(cell: Cell) -> int:
        return -1 if cell in failed else runs.count(cell)

    by_driver = {driver: sorted(cells.shuffled(driver, seed), key=turn) for driver in drivers}

    def note(outcome: Outcome) -> None:
        date = time.strftime("%Y-%m-%d")
        record.add(
            record.Line(
                date,
                outcome.cell,
                "held" if not outcome.faults else "FAILED " + "; ".join(outcome.faults),
                outcome.end,
                f"{outcome.outage_seconds:.1f}",
                f"{outcome.seconds:.0f}",
            )
        )
        gaps.add(
            gaps.Sample(date, outcome.cell.driver, gaps.TANDEM, gap)
            for gap in outcome.failover_gaps
        )
        record.write_page(drivers)

    wanted = list(cells.dealt(by_driver, drivers))[:count]
    return _conclude(Lanes(plan, wanted, seed, note).run(), seed)


def short(plan: Plan, words: Sequence[str]) -> int:
    """`lab short [SEED]`: one quick cell of each driver, all at once: for every build."""
    seed = int(words[0]) if words else 1
    quick = ("kill-agent", "kill", "cut-off-controller")
    wanted = []
    for driver in dict.fromkeys(_drivers(plan)):
        wanted.append(
            next(
                cell
                for cell in cells.shuffled(driver, seed)
                if cell.fault in quick and cell.action in (*FAILOVERS, *cells.SINGLE_ACTIONS)
            )
        )
    return _conclude(Lanes(plan, wanted, seed, lambda _: None).run(), seed)
