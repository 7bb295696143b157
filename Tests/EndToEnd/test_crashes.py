"""kill -9 in the middle of each kind of action: the truth is known again, and the work can be finished.

The default run takes a seeded selection; `TANDEM_E2E=all` takes all, `TANDEM_E2E_SEED` another one.
"""

import os
import random
import time
import unittest
from collections.abc import Callable
from dataclasses import dataclass

from case import EndToEnd
import faults
from faults import Gate
from kit import NEW, NEW_SPEC, OLD, OLD_SPEC, Spec
from lab import Lab, Setting
from operator_client import Status, enabled, failure

from tandem_demo.network import Server

SELECTED = 7
SEED = os.environ.get("TANDEM_E2E_SEED", "1")
PRESSES = 14
OUTAGE_MILLISECONDS = 60_000
SLOW_OLD = Spec(OLD, "slow-postinst", seconds=2)
SLOW_NEW = Spec(NEW, "slow-postinst", previous=(OLD,), schema="2", seconds=2)
BIG_NEW = Spec(NEW, "big", previous=(OLD,), schema="2", big_megabytes=48)


@dataclass(frozen=True)
class Moment:
    """A moment in the middle of an action."""

    reach: Callable[[Lab], Callable[[], None]]
    """Leads there; what it returns lets the servers go on."""
    victim: Callable[[Lab], Server]
    """The server that is at work then."""
    setting: Setting = Setting()


def at_gate(name: str, button: str, victim: Callable[[Lab], Server], *before: str) -> Moment:
    """In a hook, check or driver call of an action."""

    def reach(lab: Lab) -> Callable[[], None]:
        for press in before:
            lab.do(press)
        gate = Gate(victim(lab), name).hold()
        lab.begin(button)
        gate.wait()
        return gate.release

    return Moment(reach, victim)


def second(lab: Lab) -> Server:
    """The standby of the beginning."""
    return lab.servers[1]


def first(lab: Lab) -> Server:
    """The active of the beginning."""
    return lab.servers[0]


def nothing() -> None:
    """No gate is held."""


def reach_stage(lab: Lab) -> Callable[[], None]:
    """An image is on its way."""
    words = ("image", "stage", BIG_NEW.argument, lab.cluster.name, "--no-wait")
    lab.person.do(*words)
    images = os.path.join(second(lab).state, "store/images")

    def is_partly_there() -> bool:
        parts = [name for name in os.listdir(images) if name.endswith(".part")]
        return any(os.path.getsize(os.path.join(images, part)) > 1 << 20 for part in parts)

    faults.until(is_partly_there, "a part of the image has come")
    return nothing


def dpkg_configures(lab: Lab, version: str) -> bool:
    """The postinst of the second server's product runs."""
    path = os.path.join(second(lab).state, "dpkg.log")
    if not os.path.exists(path):
        return False
    with open(path, encoding="utf-8") as file:
        last = [line.split()[2:] for line in file if " configure " in line][-1:]
    wanted = [f"{lab.cluster.kind}-server:all", f"{version}-1"]
    is_it = bool(last) and last[0][1:3] == wanted
    return is_it and bool(faults.processes_of(second(lab), "dpkg"))


def reach_install(lab: Lab) -> Callable[[], None]:
    """dpkg runs a slow postinst."""
    lab.begin("start-upgrade")
    faults.until(lambda: dpkg_configures(lab, NEW), "the postinst runs")
    return nothing


def reach_back_out(lab: Lab) -> Callable[[], None]:
    """dpkg runs the slow postinst of the old release."""
    lab.do("start-upgrade")
    lab.begin("start-rollback")
    faults.until(lambda: dpkg_configures(lab, OLD), "the postinst runs")
    return nothing


def reach_accept(lab: Lab) -> Callable[[], None]:
    """Accept has just begun."""
    for press in ("start-upgrade", "continue-upgrade", "reapply-configuration", "continue-upgrade"):
        lab.do(press)
    lab.begin("accept")
    return nothing


FAILOVER = "continue-upgrade"
MOMENTS = {
    "stage": Moment(reach_stage, second, Setting(new=(BIG_NEW,), stages=False)),
    "check": at_gate("check", "start-upgrade", second),
    "install": Moment(reach_install, second, Setting(new=(SLOW_NEW,))),
    "migrate": at_gate("migrate", "start-upgrade", second),
    "demote": at_gate("demote-before", FAILOVER, first, "start-upgrade"),
    "demoted": at_gate("demote-after", FAILOVER, first, "start-upgrade"),
    "promote": at_gate("promote-before", FAILOVER, second, "start-upgrade"),
    "promoted": at_gate("promote-after", FAILOVER, second, "start-upgrade"),
    "reapply": at_gate(
        "apply-configuration", "reapply-configuration", second, "start-upgrade", FAILOVER
    ),
    "back-out": at_gate("migrate", "start-rollback", second, "start-upgrade"),
    "back-out-install": Moment(reach_back_out, second, Setting(old=SLOW_OLD, new=(SLOW_NEW,))),
    "accept": Moment(reach_accept, second),
}


class CrashTests(EndToEnd):
    """Each test is made by `_add`, one for each victim and moment."""

    def crash(self, name: str, kill: Callable[[Lab, Server], None]) -> None:
        """Leads to a moment, kills, and finishes the upgrade."""
        moment = MOMENTS[name]
        lab = self.open(moment.setting)
        go_on = moment.reach(lab)
        victim = moment.victim(lab)
        kill(lab, victim)
        go_on()
        self.check_truth(lab)
        self.finish(lab)
        self.assert_ended_well(lab, moment.setting.new[0])
        tally = lab.probe.interval(lab.probe.begin("end") and "start")[lab.cluster.name]
        self.assertLess(tally["longest-outage-milliseconds"], OUTAGE_MILLISECONDS)

    def finish(self, lab: Lab) -> None:
        """Goes on as an operator would, until the new release is accepted."""
        pressed: list[str] = []
        spec = lab.setting.new[0]
        if not lab.setting.stages:
            lab.stage(spec)
        while len(pressed) < PRESSES:
            status = lab.wait_for_rest()
            if status["position"] == "idle" and lab.versions() == (spec.version,) * 2:
                return
            button = self.next_button(status)
            if button is None:
                time.sleep(0.2)  # Greyed for a moment, as after a restart.
                pressed.append("(waited)")
                continue
            said = lab.press(button)
            failed = [line for line in said.text.splitlines() if "ailed" in line or "->" in line]
            pressed.append(f"{button}: {said.code} {failed[-2:]}")
            if said.code:
                time.sleep(1)  # An operator reads what it says.
        raise AssertionError("not finished:\n" + "\n".join(pressed))

    def next_button(self, status: Status) -> str | None:
        """What leads on."""
        wanted = ["continue-upgrade", "resume-upgrade", "start-upgrade"]
        if status["position"] == "nn":
            wanted = ["accept"]
        if failure(status):
            wanted = ["try-again", *wanted]
        if status["position"] == "no":
            wanted.append("reapply-configuration")
        return next((button for button in wanted if button in enabled(status)), None)


def kill_controller(lab: Lab, _: Server) -> None:
    """The controller dies, and comes back."""
    lab.kill_controller()
    lab.start_controller()


def kill_agent(_: Lab, one: Server) -> None:
    """The agent dies; its server's init starts it again."""
    faults.kill_agent(one)


def kill_agent_with_dpkg(_: Lab, one: Server) -> None:
    """The agent dies with all that works for it."""
    if not faults.kill_agent_with_dpkg(one):
        raise AssertionError("there was nothing to kill")


KILLS = {"controller": kill_controller, "agent": kill_agent, "agent-and-dpkg": kill_agent_with_dpkg}
ALL = [(who, name) for who in KILLS for name in MOMENTS]


def _add(who: str, name: str, is_selected: bool) -> None:
    """Adds one test."""

    def test(self: CrashTests) -> None:
        if not is_selected:
            self.skipTest(f"not in the selection of seed {SEED}; TANDEM_E2E=all takes all")
        self.crash(name, KILLS[who])

    setattr(CrashTests, f"test_{name}_{who}".replace("-", "_"), test)


def _selection() -> set[tuple[str, str]]:
    """Which tests are run."""
    if os.environ.get("TANDEM_E2E") == "all":
        return set(ALL)
    return set(random.Random(SEED).sample(ALL, SELECTED))


_selected = _selection()
for _who, _name in ALL:
    _add(_who, _name, (_who, _name) in _selected)


if __name__ == "__main__":
    unittest.main()
