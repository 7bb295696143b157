"""kill -9 at the crash points of one upgrade and one rollback: journal appends, store commits, sends, spawns
and child exits, counted in a run without a fault (`Docs/proof.md`).

Needs programs built with the package trait `CrashPoints`; without TANDEM_CRASH_POINTS only their absence is
tested. TANDEM_CRASH_POINTS: `all`, or `SEED/N`, the Nth part of them that this seed draws; without `/N` a
third. TANDEM_CRASH_SHARDS=2,5 takes only these of the nine parts, TANDEM_CRASH_SECONDS bounds each part.

Parts 1 to 8 go up and back in one network, with one death in each action. Accept has no way back: part 9 saves
the stop point before it and returns there after each death.
"""

import os
import random
import shutil
import time
import unittest
from collections import Counter
from dataclasses import dataclass

import faults
from case import EndToEnd
from kit import NEW_SPEC, OLD_SPEC, kit
from lab import Lab, Setting
from operator_client import Late, Status, enabled, failure, running

from tandem_demo.network import Server

WANTED = os.environ.get("TANDEM_CRASH_POINTS", "")
SHARDS = 8
ACCEPT_SHARD = SHARDS + 1
SECONDS = float(os.environ.get("TANDEM_CRASH_SECONDS", "270"))
VARIABLE = "TANDEM_CRASH_FOLDER"
MARKS = (VARIABLE.encode(), b"11TandemSpawn10CrashPointO")
"""The variable, and the type as symbols name it: debug information names the empty source file too."""
KINDS = ("journal-append", "store-commit", "send", "spawn", "child-exit")
CONTROLLER = "controller"
REST_SECONDS = 90.0
LEG_SECONDS = 120.0
READING_SECONDS = 1.0


@dataclass(frozen=True)
class Leg:
    """One press, and the position it leads to."""

    button: str
    position: str
    is_back: bool = False

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.button} to {self.position}"


UPGRADE = (
    Leg("start-upgrade", "on"),
    Leg("continue-upgrade", "no"),
    Leg("reapply-configuration", "no"),
    Leg("continue-upgrade", "nn"),
)
ROLLBACK = (
    Leg("start-rollback", "no", is_back=True),
    Leg("continue-rollback", "on", is_back=True),
    Leg("continue-rollback", "oo", is_back=True),
    Leg("continue-rollback", "idle", is_back=True),
)
LEGS = UPGRADE + ROLLBACK
ACCEPT = Leg("accept", "idle")


@dataclass(frozen=True)
class Point:
    """A pass of one process in one leg, counted from the leg's press."""

    leg: int
    process: str
    kind: str
    side: str
    number: int

    def __str__(self) -> str:
        where = (LEGS + (ACCEPT,))[self.leg].name
        return f"{self.side} {self.kind} {self.number} of {self.process} in {where}"


class CrashLab(Lab):
    """A network whose agents and controller look for a plan, each in a folder of its own."""

    def plans(self, process: str) -> str:
        """The folder of a process: a server's name, or `controller`."""
        folder = self.path("plans", process)
        os.makedirs(folder, exist_ok=True)
        return folder

    def start_controller(self) -> None:
        self.controller.run({**self.environment, VARIABLE: self.plans(CONTROLLER)})

    def _agent(self, one: Server) -> list[str]:
        words = super()._agent(one)
        with open(words[0], encoding="utf-8") as file:
            first, rest = file.read().split("\n", 1)
        export = f'export {VARIABLE}="{self.plans(one.name)}"'
        faults.write_program(words[0], f"{first}\n{export}\n{rest}")
        return words

    @property
    def names(self) -> tuple[str, str, str]:
        """All processes that can die."""
        return CONTROLLER, self.servers[0].name, self.servers[1].name

    def plan(self, process: str, text: str) -> None:
        """From now on its points are counted, from one on."""
        folder = self.plans(process)
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        with open(os.path.join(folder, "new"), "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(os.path.join(folder, "new"), os.path.join(folder, "plan"))

    def forget_plan(self, process: str) -> bool:
        """Ends the counting; returns whether the process has died as planned."""
        folder = self.plans(process)
        try:
            os.unlink(os.path.join(folder, "plan"))
        except FileNotFoundError:
            return os.path.exists(os.path.join(folder, "plan.done"))
        return False

    def passed(self, process: str) -> Counter[tuple[str, str]]:
        """How often each kind was passed since the plan was made, on each side."""
        found: Counter[tuple[str, str]] = Counter()
        for name in os.listdir(self.plans(process)):
            kind, _, side = name.partition(".")
            if kind in KINDS:
                found[kind, side] = os.path.getsize(os.path.join(self.plans(process), name))
        return found

    # Saved stop points: what Tandem has on its disks. The products run on.

    def _states(self) -> dict[str, str]:
        states = {CONTROLLER: self.path("controller")}
        return states | {one.name: one.state for one in self.servers}

    def save(self) -> None:
        """Keeps the state folders of the controller and of both agents."""
        self._stop_tandem()
        for name, path in self._states().items():
            shutil.copytree(path, self.path("saved", name), symlinks=True)
        self._start_tandem()

    def load(self) -> None:
        """All is again as it was saved."""
        self._stop_tandem()
        for name, path in self._states().items():
            shutil.rmtree(path)
            shutil.copytree(self.path("saved", name), path, symlinks=True)
        self._start_tandem()

    def _stop_tandem(self) -> None:
        self.kill_controller()
        for one in self.servers:
            faults.keep_agent_dead(one)

    def _start_tandem(self) -> None:
        self.start_controller()
        for one in self.servers:
            faults.let_agent_live(one)

    def revive(self) -> None:
        """Starts a controller that has died; init does the same for agents."""
        child = self.controller.child
        if child is not None and child.poll() is not None:
            self.start_controller()

    def rest(self) -> Status:
        """No action runs and both agents are there, whoever dies meanwhile."""
        deadline = time.monotonic() + REST_SECONDS
        while True:
            self.revive()
            try:
                status = self.status()
            except OSError:
                status = {}
            if status and not running(status):
                is_whole = all(entry["isConnected"] for entry in status["servers"])
                if is_whole and (status["position"] == "idle" or enabled(status)):
                    return status
            if time.monotonic() > deadline:
                raise Late(f"no rest in {REST_SECONDS:g} s: {status}")
            time.sleep(0.05)

    def go(self, leg: Leg) -> list[str]:
        """Presses until the leg's position is reached; returns what was pressed."""
        pressed: list[str] = []
        is_reapplied = leg.button != "reapply-configuration"
        deadline = time.monotonic() + LEG_SECONDS
        status = self.rest()
        while True:
            if status["position"] == leg.position and is_reapplied and not failure(status):
                return pressed
            button = self._next(leg, status)
            if button is None:
                pressed.append("(waited)")
                time.sleep(0.2)  # Greyed for a moment, as after a restart.
            else:
                pressed.append(button)
                try:
                    said = self.press(button, "--no-wait")
                    is_reapplied |= button == "reapply-configuration" and said.code == 0
                except OSError:
                    pass  # Nobody knows whether it was heard; looking tells.
            if time.monotonic() > deadline:
                raise Late(f"not in {LEG_SECONDS:g} s: {leg.name}: {pressed}")
            status = self.rest()
            if failure(status):
                time.sleep(READING_SECONDS)  # Such as: the agent holds still for so long.

    def _next(self, leg: Leg, status: Status) -> str | None:
        on = ["continue-rollback", "start-rollback"] if leg.is_back else ["continue-upgrade"]
        wanted = ["try-again", leg.button, *on] if failure(status) else [leg.button, *on]
        if not leg.is_back:
            wanted += ["resume-upgrade", "start-upgrade", "reapply-configuration"]
        return next((button for button in wanted if button in enabled(status)), None)


class CrashPointAbsenceTests(unittest.TestCase):
    """What people install can't be told to die."""

    def test_programs_hold_no_crash_points(self) -> None:
        if WANTED:
            self.skipTest("these programs are to hold them")
        programs = kit().programs
        for path in (programs.agent, programs.controller, programs.tandem):
            with open(path, "rb") as file:
                content = file.read()
            for mark in MARKS:
                self.assertNotIn(mark, content, path)


class CrashPointTests(EndToEnd):
    """Each test is one part of the points, in a network of its own that goes up and back again and again."""

    def take_part(self, shard: int) -> None:
        """Counts once, then dies at one point in each leg until all points are tried."""
        if not WANTED or not is_asked_for(shard):
            self.skipTest("TANDEM_CRASH_POINTS and TANDEM_CRASH_SHARDS say what is tried")
        deadline = time.monotonic() + SECONDS
        lab = self.open()
        assert isinstance(lab, CrashLab)
        points, total = self.count(lab, LEGS)
        self.assert_ended_well(lab, OLD_SPEC)
        mine = select(points, shard)
        tried = missed = 0
        while any(mine.values()) and time.monotonic() < deadline:
            for index, leg in enumerate(LEGS):
                is_due = bool(mine[index]) and time.monotonic() < deadline
                point = mine[index].pop() if is_due else None
                is_dead = self.walk(lab, leg, point)
                tried += is_dead
                missed += point is not None and not is_dead
            self.assert_ended_well(lab, OLD_SPEC)
        left = sum(map(len, mine.values()))
        tell(total, shard, tried, missed, left)
        self.assertGreater(tried + missed, 0)
        self.finish(lab)

    def accept_again_and_again(self) -> None:
        """Counts the points of Accept, then dies at each of them, from the same stop point."""
        if not WANTED or not is_asked_for(ACCEPT_SHARD):
            self.skipTest("TANDEM_CRASH_POINTS and TANDEM_CRASH_SHARDS say what is tried")
        deadline = time.monotonic() + SECONDS
        lab = self.open()
        assert isinstance(lab, CrashLab)
        for leg in UPGRADE:
            lab.go(leg)
        lab.save()
        lab.rest()
        points, total = self.count(lab, (ACCEPT,), len(LEGS))
        self.assert_ended_well(lab, NEW_SPEC)
        mine = [point for point in points if draw(point)[0]]
        random.Random(WANTED).shuffle(mine)
        tried = missed = 0
        while mine and time.monotonic() < deadline:
            lab.load()
            is_dead = self.walk(lab, ACCEPT, mine.pop())
            self.assert_ended_well(lab, NEW_SPEC)
            tried += is_dead
            missed += not is_dead
        tell(total, ACCEPT_SHARD, tried, missed, len(mine))
        self.assertGreater(tried + missed, 0)

    def test_part_9_accept(self) -> None:
        self.accept_again_and_again()

    def make(self, folder: str, setting: Setting) -> Lab:
        return CrashLab(folder, setting)

    def count(
        self, lab: CrashLab, legs: tuple[Leg, ...], first: int = 0
    ) -> tuple[list[Point], int]:
        """All points of some actions, numbered from `first`; and how many, each with both sides."""
        points: list[Point] = []
        total = 0
        for index, leg in enumerate(legs, first):
            for process in lab.names:
                lab.plan(process, "count")
            lab.go(leg)
            for process in lab.names:
                lab.forget_plan(process)
                for (kind, side), count in sorted(lab.passed(process).items()):
                    total += count if side == "before" or kind == "child-exit" else 0
                    points += [
                        Point(index, process, kind, side, number + 1) for number in range(count)
                    ]
        return points, total

    def walk(self, lab: CrashLab, leg: Leg, point: Point | None) -> bool:
        """One leg with one death; returns whether the process came by and died."""
        if point is None:
            lab.go(leg)
            return False
        lab.plan(point.process, f"{point.kind}.{point.side} {point.number}")
        unpacked = self.unpacked(lab)
        try:
            pressed = lab.go(leg)
            is_dead = lab.forget_plan(point.process)
            self.check_truth(lab)
            work = [one for one in pressed if one[0] != "("]
            more = [after - before for before, after in zip(unpacked, self.unpacked(lab))]
            if len(work) <= 1:
                # Nobody asked twice, so no change was made twice.
                self.assertLessEqual(max(more), 1, "packages were unpacked again")
        except BaseException as error:
            raise AssertionError(f"died {point}: {error}") from error
        return is_dead

    def unpacked(self, lab: Lab) -> list[int]:
        """How often dpkg has unpacked the product on each server."""
        found = []
        for one in lab.servers:
            path = os.path.join(one.state, "dpkg.log")
            lines: list[str] = []
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    lines = [line for line in file if f" {lab.cluster.kind}-server:all " in line]
            found.append(sum(line.split()[2] in ("install", "upgrade") for line in lines))
        return found

    def finish(self, lab: CrashLab) -> None:
        """After all of that an upgrade still works to its end."""
        for leg in UPGRADE:
            lab.go(leg)
        lab.do("accept")
        self.assert_ended_well(lab, NEW_SPEC)


def is_asked_for(shard: int) -> bool:
    """Whether this part is to be run."""
    asked = os.environ.get("TANDEM_CRASH_SHARDS", "")
    return not asked or str(shard) in asked.split(",")


def draw(point: Point) -> tuple[bool, int]:
    """Whether a point is tried, and in which part; depends on itself only, as runs count some more or fewer."""
    seed, _, part = WANTED.partition("/")
    dice = random.Random(f"{seed}, {point}")
    is_chosen = dice.random() < 1 / int(part or 3) or WANTED == "all"
    return is_chosen, dice.randrange(SHARDS) + 1


def select(points: list[Point], shard: int) -> dict[int, list[Point]]:
    """What one part tries, by leg and in random order."""
    mine: dict[int, list[Point]] = {index: [] for index in range(len(LEGS))}
    for point in points:
        if draw(point) == (True, shard):
            mine[point.leg].append(point)
    for some in mine.values():
        random.Random(WANTED).shuffle(some)
    return mine


def tell(total: int, shard: int, tried: int, missed: int, left: int) -> None:
    """The line that is shown also when nothing is wrong."""
    print(
        f"counted: {total} crash points in real processes, part {shard} of {ACCEPT_SHARD}: "
        f"{tried} died at, {missed} not come by again, {left} left for want of time"
    )


def _add(shard: int) -> None:
    """Adds one test."""

    def test(self: CrashPointTests) -> None:
        self.take_part(shard)

    setattr(CrashPointTests, f"test_part_{shard}", test)


for _shard in range(1, SHARDS + 1):
    _add(_shard)


if __name__ == "__main__":
    unittest.main()
