"""A failover whose agents die: the role comes back by itself, whoever is gone."""

import unittest

from case import EndToEnd
import faults
from faults import Gate
from kit import NEW, NEW_SPEC, OLD
from lab import Lab, Setting
from operator_client import ACTION_FAILED, enabled, failure, running, server

DEAD_MAN_SECONDS = 45
TAKE_BACK_SECONDS = 10
SHORT_PROMOTION = ("clock.promote-seconds = 4", "clock.fence-seconds = 1")
OUTAGE_SECONDS = 60


class DeadManTests(EndToEnd):
    """The clocks are those of a real network."""

    def test_demoted_server_takes_back_without_its_agent(self) -> None:
        lab = self.open()
        lab.do("start-upgrade")
        first, second = lab.servers
        gate = Gate(first, "demote-after").hold()
        lab.begin("continue-upgrade")
        gate.wait()
        self.assertEqual(lab.facts(first)["role"], "standby", "it has given the role up")
        faults.keep_agent_dead(first)
        gate.release()
        # No agent of it lives; its guard does.
        faults.until(
            lambda: lab.facts(first)["role"] == "active",
            "the demoted server serves again",
            DEAD_MAN_SECONDS + TAKE_BACK_SECONDS,
        )
        self.assertEqual(lab.facts(second)["role"], "standby")
        faults.let_agent_live(first)
        status = lab.wait_for_rest()
        self.assertEqual(status["position"], "on")
        self.assertEqual(server(status, first.name)["role"], "active")
        self.assertEqual(lab.versions(), (OLD, NEW))
        self.go_on(lab)

    def test_role_returns_when_the_target_dies(self) -> None:
        lab = self.open()
        lab.do("start-upgrade")
        first, second = lab.servers
        gate = Gate(first, "demote-before").hold()
        lab.begin("continue-upgrade")
        gate.wait()
        faults.keep_agent_dead(second)  # It is armed.
        gate.release()
        faults.until(
            lambda: lab.facts(first)["role"] == "standby" or not running(lab.status()),
            "the role is given up",
        )
        faults.until(
            lambda: lab.facts(first)["role"] == "active",
            "the role has returned",
            DEAD_MAN_SECONDS + TAKE_BACK_SECONDS,
        )
        self.assertEqual(lab.facts(second)["role"], "standby")
        faults.let_agent_live(second)
        status = lab.wait_for_rest()
        self.assertEqual(status["position"], "on")
        self.assertIsNotNone(failure(status), "the failover did not succeed")
        self.go_on(lab)

    def test_target_that_cannot_promote_gives_up(self) -> None:
        lab = self.open(Setting(agent_lines=SHORT_PROMOTION))
        lab.do("start-upgrade")
        first, second = lab.servers
        Gate(second, "promote-before").hold()  # Its HA system hangs.
        said = lab.press("continue-upgrade")
        self.assertEqual(said.code, ACTION_FAILED, said.text)
        Gate(second, "promote-before").release()
        self.assertEqual(lab.facts(first)["role"], "active")
        self.assertEqual(lab.facts(second)["role"], "standby")
        self.go_on(lab)

    def go_on(self, lab: Lab) -> None:
        """The next attempt succeeds, and the upgrade comes to its end."""
        tally = lab.probe.interval(lab.probe.begin("go on") and "start")[lab.cluster.name]
        self.assertLess(tally["longest-outage-milliseconds"], OUTAGE_SECONDS * 1000)
        button = "try-again" if failure(lab.wait_for_position("on")) else "continue-upgrade"
        lab.wait(lambda status: button in enabled(status), f"{button} is possible")
        # What an agent may have promised before its death is waited for by the controller.
        said = lab.press(button)
        self.assertEqual(said.code, 0, said.text)
        lab.wait_for_position("no")
        for button in ("reapply-configuration", "continue-upgrade", "accept"):
            lab.do(button)
        self.assert_ended_well(lab, NEW_SPEC)


if __name__ == "__main__":
    unittest.main()
