"""The way to the provider and back in a real browser, whose rules for cookies are the ones that count."""

import importlib.util
import os
import shutil
import unittest

from hostile import SECRET, HostileProvider
from rig import SESSION, SignInTest

from tandem_demo.root import free_address

PATIENCE_MILLISECONDS = 20_000


@unittest.skipUnless(
    importlib.util.find_spec("playwright") and shutil.which("chromium"),
    "Scripts/setup-browser was not run",
)
class BrowserTests(SignInTest):
    """A controller, a provider at another site, and Chromium."""

    def test_session_counts_on_the_first_page(self) -> None:
        from playwright.sync_api import sync_playwright

        site = self.make_site()
        # Another port of the same host would be the same site.
        provider = HostileProvider(os.path.join(site.folder, "provider"), free_address()[0])
        self.addCleanup(provider.end)
        site.open(site.lines(provider.issuer, provider.certificate, SECRET))
        site.people("add", "ada", "--role", "viewer")
        os.environ["HOME"] = site.environment["HOME"]
        with sync_playwright() as playwright:
            one = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            context = one.new_context(ignore_https_errors=True)
            context.set_default_timeout(PATIENCE_MILLISECONDS)
            page = context.new_page()
            page.goto(f"{site.address}/alarms")
            page.get_by_role("link", name="identity provider").click()
            page.wait_for_url(f"{provider.issuer}/auth?*")
            page.get_by_role("link", name="Let me in").click()
            page.wait_for_url(f"{site.address}/alarms")
            self.assertIn("ada", page.locator("header").inner_text())
            (session,) = [c for c in context.cookies() if c["name"] == SESSION]
            self.assertEqual(session["sameSite"], "Strict")
            self.assertEqual(session["expires"], -1)
            one.close()
