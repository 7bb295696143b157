"""A provider that errs or lies is refused, in words that say why."""

import os
import time
from typing import Any

from hostile import SECRET, HostileProvider, Members
from rig import Answer, Browser, SignInTest, Site


def to(**values: Any) -> Any:
    """Sets members; `None` takes one away."""

    def spoil(members: Members) -> None:
        for name, value in values.items():
            if value is None:
                del members[name]
            else:
                members[name] = value

    return spoil


class HostileTests(SignInTest):
    """A controller and a provider of our own."""

    def open(self, lines: dict[str, str] | None = None) -> tuple[Site, HostileProvider]:
        """Both, running; `ada` has an account without a password."""
        site = self.make_site()
        provider = HostileProvider(os.path.join(site.folder, "provider"), site.host)
        self.addCleanup(provider.end)
        own = site.lines(provider.issuer, provider.certificate, SECRET)
        site.open({**own, **(lines or {})})
        return site, provider

    def go(self, site: Site, provider: HostileProvider) -> tuple[Browser, Answer]:
        """There and back."""
        browser = Browser()
        way = site.start(browser)
        if way.status != 303:
            return browser, way
        return browser, browser.get(provider.sign_in(way.location), is_cross_site=True)

    def test_provider_that_does_not_ask_anew(self) -> None:
        site, provider = self.open()
        site.people("add", "ada", "--role", "operator")
        now = int(time.time())
        for spoil in (to(), to(auth_time=now - 3600), to(auth_time="now")):
            provider.forget()
            provider.spoil_claims = spoil
            browser = Browser()
            way = site.start_afresh(browser)
            answer = browser.get(provider.sign_in(way.location), is_cross_site=True)
            self.assert_refused(site, browser, answer, "TDM-7006", "did not ask anew")
        provider.spoil_claims = to(auth_time=now)
        browser = Browser()
        way = site.start_afresh(browser)
        answer = browser.get(provider.sign_in(way.location), is_cross_site=True)
        self.assert_signed_in(site, browser, answer, "ada")

    def test_spoilt_tokens(self) -> None:
        site, provider = self.open()
        site.people("add", "ada", "--role", "viewer")
        browser, answer = self.go(site, provider)
        self.assert_signed_in(site, browser, answer, "ada")
        now = int(time.time())
        for words, spoil in {
            "another sign-in": to(nonce="x"),
            "made for another sign-in": to(nonce=None),
            "issued by": to(iss="https://elsewhere.example"),
            "for somebody else": to(aud="wiki"),
            "without saying whose it is": to(aud=["tandem", "wiki"]),
            "another client": to(azp="wiki"),
            "has expired": to(exp=now - 120),
            "of the future": to(iat=now + 300),
            "more than ten minutes ago": to(iat=now - 3600),
            "does not count yet": to(nbf=now + 300),
            "without a subject": to(sub=None),
            "without the claim": to(preferred_username=None),
            "can't be a name": to(preferred_username="<script>alert(1)</script>"),
            "no such account": to(preferred_username="mallory"),
        }.items():
            with self.subTest(words):
                provider.forget()
                provider.spoil_claims = spoil
                browser, answer = self.go(site, provider)
                self.assert_refused(site, browser, answer, words)
                self.assertNotIn("<script>alert", answer.text)

    def test_spoilt_signatures(self) -> None:
        site, provider = self.open()
        site.people("add", "ada", "--role", "viewer")
        for words, header, signs in (
            ("by 'none'", to(alg="none"), lambda _: b""),
            ("by 'HS256'", to(alg="HS256"), provider.sign_with_public_key),
            ("signature is wrong", to(), provider.sign_with_public_key),
            ("signature is wrong", to(), lambda _: b""),
            ("signature is wrong", to(), lambda _: bytes(64)),
            ("signature is wrong", to(), provider.other_key.sign),
            ("a key that it does not show", to(kid="k2"), provider.other_key.sign),
            ("a key that it does not show", to(kid="k3"), provider.key.sign),
            ("a key that it does not show", to(alg="RS256"), provider.key.sign),
            ("extensions", to(crit=["b64"], b64=False), provider.key.sign),
        ):
            with self.subTest(words):
                provider.spoil_header, provider.signs = header, signs
                browser, answer = self.go(site, provider)
                self.assert_refused(site, browser, answer, "TDM-7006", words)
        # An unknown key lets keys be fetched anew, but not more than once a minute.
        self.assertEqual(provider.asked.count("/keys"), 1)
        self.assertEqual(provider.asked.count("/.well-known/openid-configuration"), 1)

    def test_spoilt_answers(self) -> None:
        site, provider = self.open()
        site.people("add", "ada", "--role", "viewer")
        token = "/token"
        for words, spoil in (
            ("no signed token", to(id_token="a.b")),
            ("longer than", to(id_token="a" * 17_000)),
            ("without an ID token", to(id_token=None)),
            ("without an ID token", to(id_token=7)),
        ):
            with self.subTest(words):
                provider.spoil_answer = spoil
                browser, answer = self.go(site, provider)
                self.assert_refused(site, browser, answer, "TDM-7006", words)
        for words, raw in (
            ("without an ID token", (200, b"<html>")),
            ("can't be reached", (200, b" " * 300_000)),
            ("HTTP status 302", (302, b"")),
            ("HTTP status 500", (500, b"")),
            ("redeem the code: access_denied", (400, b'{"error":"access_denied"}')),
        ):
            with self.subTest(words):
                provider.forget()
                provider.raw[token] = raw
                browser, answer = self.go(site, provider)
                self.assert_refused(site, browser, answer, "TDM-7006", words)
        provider.forget()
        browser = Browser()
        way = site.start(browser)
        back = provider.sign_in(way.location)
        began = time.monotonic()
        provider.delay_seconds = 8
        answer = browser.get(back, is_cross_site=True)
        self.assert_refused(site, browser, answer, "TDM-7006", "can't be reached")
        self.assertLess(time.monotonic() - began, 7)
        provider.forget()
        answer = browser.get(way.location.replace("/auth?", "/nothing?"))
        refused = f"{site.address}/sign-in/provider/return?error=access_denied&state="
        state = back.rpartition("state=")[2]
        answer = browser.get(refused + state)
        self.assert_refused(site, browser, answer, "TDM-7006", "too late, twice")
        browser = Browser()
        state = provider.sign_in(site.start(browser).location).rpartition("state=")[2]
        answer = browser.get(refused + state)
        self.assert_refused(site, browser, answer, "TDM-7006", "let nobody in: access_denied")
        browser, answer = self.go(site, provider)
        self.assert_signed_in(site, browser, answer, "ada")

    def test_spoilt_discovery(self) -> None:
        site, provider = self.open()
        site.people("add", "ada", "--role", "viewer")
        for words, spoil in {
            "calls itself": to(issuer="https://elsewhere.example"),
            "authorization_endpoint": to(authorization_endpoint="http://plain.example/auth"),
            "token_endpoint": to(token_endpoint="ftp://files.example/"),
            "jwks_uri": to(jwks_uri=None),
            "'code'": to(response_types_supported=["id_token"]),
            "'S256'": to(code_challenge_methods_supported=["plain"]),
            "none of RS256": to(id_token_signing_alg_values_supported=["HS256", "none"]),
            "neither": to(token_endpoint_auth_methods_supported=["private_key_jwt"]),
        }.items():
            with self.subTest(words):
                provider.spoil_document = spoil
                browser, answer = self.go(site, provider)
                self.assert_refused(site, browser, answer, "TDM-7006", words)
        for words, raw in (
            ("no JSON object", (200, b"[]")),
            ("does not give its discovery document", (404, b"")),
            ("can't be reached", (200, b" " * 300_000)),
        ):
            with self.subTest(words):
                provider.forget()
                provider.raw["/.well-known/openid-configuration"] = raw
                browser, answer = self.go(site, provider)
                self.assert_refused(site, browser, answer, "TDM-7006", words)
        provider.forget()
        browser, answer = self.go(site, provider)
        self.assert_signed_in(site, browser, answer, "ada")

    def test_roles_by_groups(self) -> None:
        lines = {
            "oidc-roles-claim": "groups",
            "oidc-role.operator": "Night Shift/East",
            "oidc-role.auditor": "auditors",
        }
        site, provider = self.open(lines)
        provider.spoil_claims = to(groups=["auditors", "chess"], preferred_username="carol")
        browser, answer = self.go(site, provider)
        self.assert_signed_in(site, browser, answer, "carol")
        self.assertIn("carol auditor", site.people("list"))
        provider.spoil_claims = to(groups=["Night Shift/East"], preferred_username="carol")
        other, answer = self.go(site, provider)
        self.assert_signed_in(site, other, answer, "carol")
        self.assertIn("carol operator", site.people("list"))
        # Who has other roles now is signed out where the old ones held.
        self.assertEqual(browser.get(f"{site.address}/alarms").status, 303)

        provider.spoil_claims = to(groups=["chess"], preferred_username="carol")
        browser, answer = self.go(site, provider)
        self.assert_refused(site, browser, answer, "TDM-7006", "none of the groups")
        provider.spoil_claims = to(preferred_username="carol")
        browser, answer = self.go(site, provider)
        self.assert_refused(site, browser, answer, "TDM-7006", "without the claim 'groups'")

        # The local way in is out of the provider's reach.
        provider.spoil_claims = to(groups=["auditors"], preferred_username="root-ada")
        browser, answer = self.go(site, provider)
        self.assert_refused(site, browser, answer, "TDM-7002", "a local account with a password")
        self.assertIn("root-ada administrator", site.people("list"))
        self.assertEqual(site.sign_in_locally(browser).location, "/alarms")

        site.people("lock", "carol")
        provider.spoil_claims = to(groups=["auditors"], preferred_username="carol")
        browser, answer = self.go(site, provider)
        self.assert_refused(site, browser, answer, "TDM-7002", "the account carol is locked")
        self.assertIn("carol operator", site.people("list"))

    def test_another_certificate(self) -> None:
        site = self.make_site()
        provider = HostileProvider(os.path.join(site.folder, "provider"), site.host)
        self.addCleanup(provider.end)
        other = HostileProvider(os.path.join(site.folder, "other"), site.host)
        self.addCleanup(other.end)
        site.open(site.lines(provider.issuer, other.certificate))
        browser, answer = self.go(site, provider)
        self.assert_refused(site, browser, answer, "TDM-7006", "can't be reached")
        self.assertEqual(provider.asked, [])
        self.assertEqual(site.sign_in_locally(browser).location, "/alarms")

    def test_without_a_provider(self) -> None:
        site = self.make_site()
        site.open({})
        browser = Browser()
        self.assertNotIn("/sign-in/provider", browser.get(f"{site.address}/sign-in").text)
        for path in ("/sign-in/provider", "/sign-in/provider/return?state=a&code=b"):
            answer = browser.get(f"{site.address}{path}")
            self.assert_refused(site, browser, answer, "TDM-7006", "knows no identity provider")
