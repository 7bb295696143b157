"""Signing in with a real provider."""

import os
import urllib.parse

from glewlwyd import Glewlwyd
from rig import BINDING, RETURN, Browser, SignInTest, Site


class GlewlwydTests(SignInTest):
    """A controller and glewlwyd; `ada` has an account at both, `eve` at the provider only."""

    def open(self) -> tuple[Site, Glewlwyd]:
        """Both, running."""
        site = self.make_site()
        provider = Glewlwyd(os.path.join(site.folder, "glewlwyd"))
        self.addCleanup(provider.end)
        provider.run()
        provider.set_up(f"{site.address}{RETURN}", ("ada", "eve"))
        site.open(site.lines(provider.issuer, provider.certificate))
        site.people("add", "ada", "--role", "operator")
        return site, provider

    def test_sign_in(self) -> None:
        site, provider = self.open()
        browser = Browser()
        page = browser.get(f"{site.address}/sign-in?to=%2Falarms")
        self.assertIn('href="/sign-in/provider?to=%2Falarms"', page.text)
        self.assertIn(provider.host, page.text)
        way = site.start(browser)
        self.assertEqual(way.status, 303, way.text)
        binding = browser.cookie(site.address, BINDING)
        assert binding is not None
        self.assertEqual(binding["samesite"], "Lax")
        back = provider.sign_in(browser, way.location, "ada")
        self.assertIn("iss=", back)
        answer = browser.get(back, is_cross_site=True)
        self.assert_signed_in(site, browser, answer, "ada")
        self.assertNotIn("TDM-", site.log)

        # A lock counts at once, for the session and for the next sign-in.
        site.people("lock", "ada")
        self.assertEqual(browser.get(f"{site.address}/alarms").status, 303)
        other = Browser()
        way = site.start(other)
        back = provider.sign_in(other, way.location, "ada")
        answer = other.get(back, is_cross_site=True)
        self.assert_refused(site, other, answer, "TDM-7002", "the account ada is locked")

        # Whom the provider knows is not yet known here.
        other = Browser()
        back = provider.sign_in(other, site.start(other).location, "eve")
        answer = other.get(back, is_cross_site=True)
        self.assert_refused(site, other, answer, "TDM-7002", "no such account")

    def test_fresh_proof(self) -> None:
        site, provider = self.open()
        browser = Browser()
        back = provider.sign_in(browser, site.start(browser).location, "ada")
        self.assert_signed_in(site, browser, browser.get(back, is_cross_site=True), "ada")
        # Signed in at the provider, and not here any more.
        browser.cookies.pop(urllib.parse.urlsplit(site.address).netloc)
        way = site.start_afresh(browser)
        self.assertIn("prompt=login&max_age=1", way.location)
        # The provider asks, although ada is signed in there.
        back = provider.sign_in(browser, way.location, "ada")
        # It does not say when, though: its word can't be told from that of this morning.
        answer = browser.get(back, is_cross_site=True)
        self.assert_refused(site, browser, answer, "TDM-7006", "`auth_time` is 0")

    def test_way_back_counts_once_and_for_one_browser(self) -> None:
        site, provider = self.open()
        browser = Browser()
        back = provider.sign_in(browser, site.start(browser).location, "ada")
        thief = Browser()
        answer = thief.get(back, is_cross_site=True)
        self.assert_refused(site, thief, answer, "TDM-7006", "another browser")
        # The state is used up by the attempt.
        answer = browser.get(back, is_cross_site=True)
        self.assert_refused(site, browser, answer, "TDM-7006", "too late, twice")

        back = provider.sign_in(browser, site.start(browser).location, "ada")
        self.assert_signed_in(site, browser, browser.get(back, is_cross_site=True), "ada")
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]

        # The used code under a new state: its verifier is another, and it was redeemed already.
        other = Browser()
        fresh = urllib.parse.urlsplit(site.start(other).location)
        state = urllib.parse.parse_qs(fresh.query)["state"][0]
        fields = {"state": state, "code": code, "iss": provider.issuer}
        address = f"{site.address}{RETURN}?{urllib.parse.urlencode(fields)}"
        answer = other.get(address, is_cross_site=True)
        self.assert_refused(site, other, answer, "TDM-7006", "did not redeem the code")

        # A code of another sign-in of the same person, not redeemed yet: PKCE refuses it.
        stolen = Browser()
        back = provider.sign_in(stolen, site.start(stolen).location, "ada")
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
        fresh = urllib.parse.urlsplit(site.start(other).location)
        state = urllib.parse.parse_qs(fresh.query)["state"][0]
        fields = {"state": state, "code": code, "iss": provider.issuer}
        address = f"{site.address}{RETURN}?{urllib.parse.urlencode(fields)}"
        answer = other.get(address, is_cross_site=True)
        self.assert_refused(site, other, answer, "TDM-7006", "did not redeem the code")

    def test_local_accounts_when_the_provider_is_down(self) -> None:
        site, provider = self.open()
        browser = Browser()
        back = provider.sign_in(browser, site.start(browser).location, "ada")
        provider.end()
        answer = browser.get(back, is_cross_site=True)
        self.assert_refused(site, browser, answer, "TDM-7006", "can't be reached", "local account")
        answer = site.sign_in_locally(browser)
        self.assertEqual((answer.status, answer.location), (303, "/alarms"), answer.text)
        self.assertEqual(browser.get(f"{site.address}/alarms").status, 200)
        self.assertIn("TDM-7006", site.log)

        provider.run()
        other = Browser()
        back = provider.sign_in(other, site.start(other).location, "ada")
        self.assert_signed_in(site, other, other.get(back, is_cross_site=True), "ada")
