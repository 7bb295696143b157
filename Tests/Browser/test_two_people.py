"""Two browsers on one cluster, and a controller that is restarted under an open page."""

import unittest

from lab import Setting
from page_case import BrowserTest
from playwright.sync_api import expect


class TwoPeopleTests(BrowserTest):
    """Olivia and Sam, each with a browser."""

    def test_two_press_the_same_button(self) -> None:
        lab, browser = self.open_browser()
        olivia = self.sign_in(lab, browser, "olivia")
        sam = self.sign_in(lab, browser, "sam")
        for one in (olivia, sam):
            one.look_at_cluster()
            one.ask_for("Start Upgrade")
        olivia.confirm("CHG-7")
        lab.wait(lambda status: status.get("operation"), "the operation is open")
        sam.confirm("CHG-8")
        told = sam.page.get_by_role("alert")
        expect(told).to_be_visible()
        self.check(browser, sam.page, "press-refused")
        # Sam is told what is different now, and nothing that he typed is lost.
        self.assertRegex(told.inner_text(), r"TDM-500[23]")
        lab.wait_for_position("on")
        entries = [entry for entry in lab.person.log(lab.cluster.name) if not entry["stepIndex"]]
        # The images were staged by no person.
        self.assertEqual({entry["person"] for entry in entries} - {"tandem"}, {"olivia"})

    def test_four_eyes(self) -> None:
        lab, browser = self.open_browser(Setting(people_needed=2))
        olivia = self.sign_in(lab, browser, "olivia")
        sam = self.sign_in(lab, browser, "sam")
        sam.look_at_cluster()
        olivia.press("Start Upgrade")
        lab.wait(lambda status: status["approvals"], "the request waits")
        # Sam's open page shows the request by itself.
        link = sam.page.get_by_role("main").get_by_role("link", name="Approve")
        expect(link.first).to_be_visible()
        self.check(browser, sam.page, "approval-waits")
        link.first.click()
        sam.page.get_by_role("button", name="Approve").click()
        lab.wait_for_position("on")

    def test_controller_restarts_under_an_open_page(self) -> None:
        lab, browser = self.open_browser()
        olivia = self.sign_in(lab, browser, "olivia")
        olivia.page.goto("/")
        expect(olivia.page.locator("body")).to_have_attribute("data-stream", "open")
        lab.kill_controller()
        expect(olivia.page.locator("body")).to_have_attribute("data-stream", "lost")
        expect(olivia.page.locator("#live-state")).to_contain_text("Not connected")
        self.check(browser, olivia.page, "controller-lost")
        lab.start_controller()
        lab.wait_for_rest()
        expect(olivia.page.locator("body")).to_have_attribute("data-stream", "open", timeout=30_000)
        expect(olivia.page.locator("#live-state")).to_be_hidden()
        # Still signed in, and what happens now is shown on the page that was never loaded anew.
        lab.begin("start-upgrade")
        expect(olivia.page.get_by_role("main")).to_contain_text("Initiate upgrade")
        lab.wait_for_position("on")


if __name__ == "__main__":
    unittest.main()
