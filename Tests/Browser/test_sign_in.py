"""Coming in by password, going out, and being sent out."""

import re
import unittest

from browser import Chromium
from page_case import BrowserTest
from playwright.sync_api import Page, expect

PASSWORD = "seven quiet herons ford the brook"


class SignInTests(BrowserTest):
    """Vera has a local account with a password, and only looks."""

    def give_name(self, page: Page, password: str) -> None:
        """Fills the form of the page that asks who is there."""
        page.get_by_label("Name").fill("vera")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()

    def come_in(self, browser: Chromium) -> Page:
        """Asks for the alarms, and is led to them by the sign-in."""
        page = browser.context().new_page()
        page.goto("/alarms")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        self.give_name(page, PASSWORD)
        expect(page.get_by_role("heading", level=1)).to_have_text("Alarms")
        return page

    def test_password_and_out_again(self) -> None:
        lab, browser = self.open_browser()
        self.add_person(lab, "vera", PASSWORD, "viewer")
        page = browser.context().new_page()
        page.goto("/sign-in")
        self.give_name(page, "seven loud herons ford the brook")
        expect(page.get_by_role("alert")).to_contain_text("TDM-")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        expect(page.get_by_label("Name")).to_have_value("vera")
        self.check(browser, page, "sign-in-refused")

        page = self.come_in(browser)
        cookie = next(one for one in page.context.cookies() if one["name"] == "__Host-tandem")
        self.assertTrue(cookie["httpOnly"] and cookie["secure"], cookie)
        page.goto(f"/clusters/{lab.cluster.name}")
        offers = page.locator("#offers")
        offers.get_by_text("Not possible now, and why").click()
        start = offers.get_by_role("link", name=re.compile("^Start Upgrade"))
        expect(start).to_have_attribute("aria-disabled", "true")
        expect(offers).to_contain_text("needs the role")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        self.assertEqual(browser.complaints, [])

    def test_press_after_the_end_of_the_session(self) -> None:
        lab, browser = self.open_browser()
        self.add_person(lab, "vera", PASSWORD, "viewer")
        page = self.come_in(browser)
        page.goto("/account")
        page.get_by_label("What it is for").fill("backup")
        # Both end every session of hers.
        self.command(lab, "lock", "vera", "--reason", "drill")
        self.command(lab, "unlock", "vera")
        page.get_by_role("button", name="Make token").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        expect(page.get_by_role("alert")).to_contain_text("was NOT carried out")
        self.check(browser, page, "sign-in-after-end")
        self.give_name(page, PASSWORD)
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
        self.assertNotIn("backup", page.get_by_role("main").inner_text())

    def test_locked_account_is_out_at_once(self) -> None:
        lab, browser = self.open_browser()
        self.add_person(lab, "vera", PASSWORD, "viewer")
        page = self.come_in(browser)
        page.goto("/")
        expect(page.locator("body")).to_have_attribute("data-stream", "open")
        self.command(lab, "lock", "vera", "--reason", "has left")
        # The open page learns nothing any more, and says so.
        expect(page.locator("#live-state")).to_contain_text("signed out", timeout=40_000)
        page.goto("/alarms")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        self.give_name(page, PASSWORD)
        expect(page.get_by_role("alert")).to_be_visible()


if __name__ == "__main__":
    unittest.main()
