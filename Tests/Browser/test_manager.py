"""The Upgrade Manager's own buttons, and a browser that runs no script."""

import unittest

from kit import OLD_SPEC
from page_case import BrowserTest
from playwright.sync_api import expect


class ManagerTests(BrowserTest):
    """What begins on the first page."""

    def test_press_from_the_table(self) -> None:
        lab, browser = self.open_browser()
        olivia = self.sign_in(lab, browser, "olivia")
        page = olivia.page
        page.goto("/")
        start = page.get_by_role("button", name="Start Upgrade")
        expect(start).to_have_attribute("aria-disabled", "true")
        page.get_by_label(f"Select {lab.cluster.name}").check()
        expect(start).not_to_have_attribute("aria-disabled", "true")
        self.check(browser, page, "upgrade-manager-checked")
        start.click()
        expect(page.locator(".action")).to_have_text(
            f"Initiate upgrade {lab.servers[1].name} (next)"
        )
        self.check(browser, page, "confirmation-of-start")
        olivia.confirm()
        page.goto("/")
        # The page that stays open follows the action to its end.
        expect(page.locator("#board")).to_contain_text("Continue Upgrade", timeout=60_000)
        lab.wait_for_position("on")
        self.assertEqual(browser.complaints, [])

    def test_emergency_stop(self) -> None:
        lab, browser = self.open_browser()
        olivia = self.sign_in(lab, browser, "olivia")
        sam = self.sign_in(lab, browser, "sam")
        sam.page.goto("/")
        page = olivia.page
        page.goto("/")
        page.get_by_role("link", name="Emergency Stop").click()
        page.get_by_label("Reason or ticket number").fill("CHG-10, smoke in the hall")
        page.get_by_role("button", name="Stop everything").click()
        # Sam's open page shows it by itself.
        expect(sam.page.locator("#stop")).to_contain_text("nothing begins", timeout=20_000)
        self.check(browser, sam.page, "upgrade-manager-stopped")
        olivia.look_at_cluster()
        name = "Start Upgrade"
        expect(page.get_by_role("main").get_by_role("link", name=name)).to_have_count(0)
        page.goto("/emergency-stop")
        self.check(browser, page, "emergency-stop-is-on")
        page.get_by_label("Reason or ticket number").fill("CHG-10, it was the toaster")
        page.get_by_role("button", name="End the emergency stop").click()
        expect(sam.page.locator("#stop")).to_be_empty(timeout=20_000)
        olivia.press(name)
        lab.wait_for_position("on")

    def test_start_and_the_way_back_without_script(self) -> None:
        lab, browser = self.open_browser()
        olivia = self.sign_in(lab, browser, "olivia", script=False)
        for label, position in (
            ("Start Upgrade", "on"),
            ("Start Rollback", "oo"),
            ("Continue Rollback", "idle"),
        ):
            olivia.press(label)
            lab.wait_for_position(position)
        olivia.look_at_cluster()
        expect(olivia.page.get_by_role("main")).to_contain_text("No operation is open")
        self.assert_ended_well(lab, OLD_SPEC)


if __name__ == "__main__":
    unittest.main()
