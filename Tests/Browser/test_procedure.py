"""The whole procedure by clicks, and the way back from each stop point."""

import unittest
from collections.abc import Sequence

from kit import NEW_SPEC, OLD_SPEC
from lab import Lab
from page_case import BrowserTest, Colleague


ENDED = "Completed Successfully at"
UPGRADE = (
    ("Start Upgrade", "on", "Initiate upgrade {standby} (next)"),
    ("Continue Upgrade", "no", "Failover to new version {cluster} (next)"),
    ("Reapply Configuration", "no", "Reapply configuration {cluster} (next)"),
    ("Continue Upgrade", "nn", "Initiate upgrade {active} (next)"),
    ("Accept Upgrade", "idle", "Accept upgrade {cluster} (next)"),
)
BACK_FROM_ON = (
    ("Start Rollback", "oo", "Initiate backout {standby} (back)"),
    ("Continue Rollback", "idle", None),
)
BACK_FROM_NO = (
    ("Start Rollback", "on", "Failover to old version {cluster} (back)"),
    ("Continue Rollback", "oo", "Initiate backout {standby} (next)"),
    ("Continue Rollback", "idle", None),
)
BACK_FROM_NN = (
    ("Start Rollback", "no", "Initiate backout {active} (back)"),
    ("Continue Rollback", "on", "Failover to old version {cluster} (next)"),
    ("Continue Rollback", "oo", "Initiate backout {standby} (next)"),
    ("Continue Rollback", "idle", None),
)


class ProcedureTests(BrowserTest):
    """Olivia at a browser, from Start to the end."""

    def click(
        self, lab: Lab, olivia: Colleague, presses: Sequence[tuple[str, str, str | None]]
    ) -> None:
        """Each button, its literal question, and the stop point that the open page then shows."""
        active, standby = (one.name for one in lab.servers)
        for label, position, question in presses:
            olivia.look_at_cluster()
            olivia.ask_for(label)
            if question:
                words = question.format(
                    cluster=lab.cluster.name, active=active, standby=standby
                )
                self.assertIn(words, olivia.page.get_by_role("main").inner_text())
            olivia.confirm()
            lab.wait_for_position(position)
            self.wait_for_end(lab, olivia, [ENDED])

    def test_upgrade_to_the_end(self) -> None:
        lab, browser = self.open_browser()
        olivia = self.sign_in(lab, browser, "olivia")
        self.click(lab, olivia, UPGRADE)
        self.assert_ended_well(lab, NEW_SPEC)
        self.assertEqual(browser.complaints, [])

    def test_back_from_on(self) -> None:
        lab, browser = self.open_browser()
        olivia = self.sign_in(lab, browser, "olivia")
        self.click(lab, olivia, (*UPGRADE[:1], *BACK_FROM_ON))
        self.assert_ended_well(lab, OLD_SPEC)

    def test_back_from_no(self) -> None:
        lab, browser = self.open_browser()
        olivia = self.sign_in(lab, browser, "olivia")
        self.click(lab, olivia, (*UPGRADE[:3], *BACK_FROM_NO))
        self.assert_ended_well(lab, OLD_SPEC)

    def test_back_from_nn(self) -> None:
        lab, browser = self.open_browser()
        olivia = self.sign_in(lab, browser, "olivia")
        self.click(lab, olivia, (*UPGRADE[:4], *BACK_FROM_NN))
        self.assert_ended_well(lab, OLD_SPEC)


if __name__ == "__main__":
    unittest.main()
