"""A test with a network of its own and browsers that look at it."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "EndToEnd"))

from browser import LOOKS, Chromium, Look, barriers, chromium, draw, whole  # noqa: E402
from case import EndToEnd  # noqa: E402
from lab import Lab, Setting  # noqa: E402
from playwright.sync_api import Page, expect  # noqa: E402

ACTION_MILLISECONDS = 60_000


class Colleague:
    """Somebody in front of a browser."""

    def __init__(self, lab: Lab, page: Page) -> None:
        self.lab = lab
        self.page = page

    @property
    def cluster_path(self) -> str:
        """Where the page of the only cluster is."""
        return f"/clusters/{self.lab.cluster.name}"

    def look_at_cluster(self) -> None:
        """Opens the cluster's page."""
        self.page.goto(self.cluster_path)

    def ask_for(self, label: str, server: str = "") -> None:
        """Follows a button of the cluster's page to the question that it asks."""
        target = re.escape(f" ({server})") if server else r"( \(.*\))?"
        name = re.compile(f"^{re.escape(label)}{target}$")
        self.page.get_by_role("main").get_by_role("link", name=name).click()
        expect(self.page.get_by_role("main")).to_contain_text(
            "Are you sure that you want to perform this action?"
        )

    def confirm(self, reason: str = "CHG-1") -> None:
        """Answers the question with yes, and reads everything that has to be acknowledged."""
        form = self.page.locator("form.press")
        form.get_by_label("Reason or ticket number").fill(reason)
        releases = form.locator('input[type="radio"][name="release"]')
        if releases.count():
            releases.last.check()
        for box in form.locator('input[type="checkbox"]').all():
            box.check()
        with self.page.expect_navigation():
            form.locator("button.primary").click()

    def press(self, label: str, server: str = "") -> None:
        """From the cluster's page to the action's begin, as soon as the button can be pressed."""
        self.lab.wait_for_rest()
        self.look_at_cluster()
        self.ask_for(label, server)
        self.confirm()


class BrowserTest(EndToEnd):
    """One cluster of two servers, a controller, and Chromium."""

    def open_browser(self, setting: Setting | None = None) -> tuple[Lab, Chromium]:
        """The network and a browser; both end with the test."""
        lab = self.open(setting)
        address = f"https://{lab.host}:{lab.controller.api_port}"
        manager = chromium(address)
        browser = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return lab, browser

    def command(self, lab: Lab, *words: str) -> str:
        """What the local command about people prints."""
        configuration = os.path.join(lab.folder, "controller.conf")
        done = subprocess.run(
            [lab.kit.programs.controller, "people", *words, "--config", configuration],
            check=False,
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def add_person(self, lab: Lab, name: str, password: str, *roles: str) -> None:
        """A local account."""
        path = lab.path(f"{name}.password")
        with open(path, "w", encoding="utf-8") as file:
            file.write(password)
        words = [word for role in roles for word in ("--role", role)]
        self.command(lab, "add", name, *words, "--password-file", path)

    def sign_in(
        self,
        lab: Lab,
        browser: Chromium,
        name: str,
        look: Look = LOOKS[0],
        *,
        script: bool = True,
    ) -> Colleague:
        """Somebody at a browser of their own, signed in by a link for one use."""
        said = self.command(lab, "one-time-sign-in", name)
        found = re.search(r"/sign-in/once\?code=\S+", said)
        assert found, said
        page = browser.context(look, script=script).new_page()
        page.goto(found[0])
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return Colleague(lab, page)

    def check(self, browser: Chromium, page: Page, name: str) -> None:
        """No barrier, no complaint, nothing wider than the window; and a picture."""
        root = "document.documentElement"
        with whole(page):
            draw(page, name)
            wide = page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
            self.assertLessEqual(wide, 0, f"{name} is {wide} px too wide")
            self.assertEqual(barriers(page), [], name)
        self.assertEqual(browser.complaints, [], name)

    def wait_for_end(self, lab: Lab, colleague: Colleague, texts: Sequence[str]) -> None:
        """The open page shows each text without being loaded anew."""
        for text in texts:
            expect(colleague.page.get_by_role("main")).to_contain_text(
                text, timeout=ACTION_MILLISECONDS
            )
