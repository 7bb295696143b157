"""A session that is left open moves nothing until its person has proved anew who that is."""

import json
import sqlite3
import unittest

from lab import Lab
from page_case import BrowserTest, Colleague
from playwright.sync_api import expect

PASSWORD = "seven quiet herons ford the brook"
AN_HOUR = 3_600_000


class FreshProofTests(BrowserTest):
    """Vera operates, with a local account and a password."""

    def age_sessions(self, lab: Lab) -> None:
        """As if everybody had signed in an hour ago, and worked since."""
        store = sqlite3.connect(lab.path("controller", "network.sqlite"), timeout=10)
        with store:
            for key, entry in store.execute("SELECT key, entry FROM sessions").fetchall():
                session = json.loads(entry)
                session["startedAt"]["milliseconds"] -= AN_HOUR
                session["provedAt"] = None
                text = json.dumps(session).encode()
                store.execute("UPDATE sessions SET entry = ? WHERE key = ?", (text, key))
        store.close()

    def test_press_asks_for_the_password_once(self) -> None:
        lab, browser = self.open_browser()
        self.add_person(lab, "vera", PASSWORD, "operator")
        vera = self.sign_in(lab, browser, "vera")
        page = vera.page
        other = Colleague(lab, page.context.new_page())
        other.look_at_cluster()
        vera.look_at_cluster()
        vera.ask_for("Start Upgrade")
        expect(page.get_by_label("Your password")).to_have_count(0)
        self.age_sessions(lab)
        # The page was opened before: it comes again, with what was typed.
        vera.confirm("CHG-9")
        expect(page.get_by_role("alert")).to_contain_text("TDM-7008")
        expect(page.get_by_label("Reason or ticket number")).to_have_value("CHG-9")
        self.check(browser, page, "proof-asked")
        page.get_by_label("Your password").fill("seven loud herons ford the brook")
        vera.confirm("CHG-9")
        expect(page.get_by_role("alert")).to_contain_text("not your password")
        before = page.context.cookies()
        page.get_by_label("Your password").fill(PASSWORD)
        vera.confirm("CHG-9")
        lab.wait(lambda status: status.get("operation"), "the operation is open")
        self.assertNotEqual(page.context.cookies(), before, "a new secret")
        # A page of another tab goes on under it, and Stop never asks.
        other.look_at_cluster()
        lab.wait_for_position("on")
        vera.look_at_cluster()
        vera.ask_for("Continue Upgrade")
        expect(page.get_by_label("Your password")).to_have_count(0)
        vera.confirm("CHG-10")
        lab.wait_for_position("no")


if __name__ == "__main__":
    unittest.main()
