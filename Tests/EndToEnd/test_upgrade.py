"""The whole procedure on real packages, and the way back from each stop point."""

import hashlib
import unittest
from collections.abc import Sequence
from dataclasses import dataclass

from case import EndToEnd
from kit import NEW_SPEC, OLD_SPEC, Spec
from lab import MIXED, Lab
from operator_client import Status, enabled

ENDED = "Completed Successfully at"


@dataclass(frozen=True)
class Press:
    """A button, and what has to be so when its action has ended."""

    button: str
    position: str
    is_mixed: bool
    is_failover: bool = False


START = Press("start-upgrade", "on", True)
FAIL_OVER = Press("continue-upgrade", "no", True, is_failover=True)
REAPPLY = Press("reapply-configuration", "no", True)
REMAINING = Press("continue-upgrade", "nn", False)
ACCEPT = Press("accept", "idle", False)
CLOSE = Press("continue-rollback", "idle", False)


class UpgradeTests(EndToEnd):
    """One cluster, with the probe on its service address all the while."""

    def go(self, lab: Lab, presses: Sequence[Press]) -> None:
        """Each press, with everything that has to be so after it."""
        for press in presses:
            self.do(lab, press)

    def do(self, lab: Lab, press: Press) -> None:
        interval = lab.probe.begin(press.button)
        text = lab.do(press.button)
        lab.probe.begin("between")
        self.assertIn(ENDED, text, press)
        status = lab.wait_for_position(press.position)
        self.check_both_ways(status)
        lab.wait_for_alarm(MIXED, lab.cluster.name, press.is_mixed)
        tally = lab.probe.interval(interval)[lab.cluster.name]
        if press.is_failover:
            self.assertEqual(len(tally["changes"]), 1, tally)
            self.assertLess(tally["longest-outage-milliseconds"], 60_000)
        else:
            self.assertEqual(tally["outages"], 0, tally)
        self.check_truth(lab, press)

    def check_both_ways(self, status: Status) -> None:
        """No stop without a way on and a way back."""
        if "continue-upgrade" in enabled(status):
            self.assertIn("start-rollback", enabled(status))
        offered = {offer["button"] for offer in status["buttons"]}
        if "continue-rollback" in offered:
            self.assertIn("resume-upgrade", offered)

    def check_truth(self, lab: Lab, press: Press) -> None:
        """Looks past Tandem at the products."""
        if press.position in ("on", "no"):
            letters = {OLD_SPEC.version: "o", NEW_SPEC.version: "n"}
            versions = [lab.facts(one)["version"] for one in (lab.active(), lab.standby())]
            self.assertEqual("".join(letters[version] for version in versions), press.position)

    def check_configuration(self, lab: Lab, spec: Spec) -> None:
        """Both products have taken over the document that belongs to their release."""
        wanted = hashlib.sha256(lab.document(spec).encode()).hexdigest()
        for one in lab.servers:
            self.assertEqual(lab.facts(one)["configuration-digest"], wanted, one.name)

    def test_upgrade_to_the_end(self) -> None:
        lab = self.open()
        self.go(lab, (START, FAIL_OVER, REAPPLY, REMAINING, ACCEPT))
        self.assert_ended_well(lab, NEW_SPEC)
        self.check_configuration(lab, NEW_SPEC)
        self.assertEqual(lab.active().name, lab.servers[1].name)

    def test_back_from_on(self) -> None:
        lab = self.open()
        self.go(lab, (START, Press("start-rollback", "oo", False), CLOSE))
        self.assert_ended_well(lab, OLD_SPEC)
        self.check_configuration(lab, OLD_SPEC)

    def test_back_from_no(self) -> None:
        lab = self.open()
        back = (
            Press("start-rollback", "on", True, is_failover=True),
            Press("continue-rollback", "oo", False),
            CLOSE,
        )
        self.go(lab, (START, FAIL_OVER, REAPPLY, *back))
        self.assert_ended_well(lab, OLD_SPEC)
        self.check_configuration(lab, OLD_SPEC)

    def test_back_from_nn_and_on_again(self) -> None:
        lab = self.open()
        back = (
            Press("start-rollback", "no", True),
            Press("continue-rollback", "on", True, is_failover=True),
            Press("continue-rollback", "oo", False),
            CLOSE,
        )
        self.go(lab, (START, FAIL_OVER, REAPPLY, REMAINING, *back))
        self.assert_ended_well(lab, OLD_SPEC)
        self.check_configuration(lab, OLD_SPEC)
        self.go(lab, (START,))


if __name__ == "__main__":
    unittest.main()
