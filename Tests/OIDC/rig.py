"""A controller that knows an identity provider, and a browser that goes the way there and back."""

import http.client
import http.cookies
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
from dataclasses import dataclass
from typing import Any

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "EndToEnd"))

from kit import kit  # noqa: E402 (it says where `tandem_demo` lies)

from controller_process import NAME, ControllerProcess  # noqa: E402, I001

from tandem_demo.cli import Tandem  # noqa: E402
from tandem_demo.console import Console  # noqa: E402
from tandem_demo.root import DPKG_PATH, free_address  # noqa: E402

SESSION = "__Host-tandem"
BINDING = "__Host-tandem-oidc"
RETURN = "/sign-in/provider/return"
CLIENT = "tandem"
SECRET = "a-secret-of-the-client"
LOCAL_PASSWORD = "seven quiet herons by the weir"
PATIENCE_SECONDS = 20.0


def openssl(*words: str, data: bytes = b"") -> bytes:
    """Runs openssl; what it prints."""
    done = subprocess.run(["openssl", *words], input=data, capture_output=True, check=True)
    return done.stdout


def make_certificate(folder: str, host: str) -> tuple[str, str]:
    """A key and a certificate of its own for an address; their paths."""
    os.makedirs(folder, exist_ok=True)
    key, certificate = os.path.join(folder, "tls.key"), os.path.join(folder, "tls.pem")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    names = ("-subj", "/CN=provider", "-addext", f"subjectAltName=IP:{host}")
    openssl("req", "-x509", *curve, *names, "-days", "2", "-keyout", key, "-out", certificate)
    return key, certificate


def until(look: Any, what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Waits for something to be so."""
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {seconds:g} s: {what}")
        time.sleep(0.05)


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    """By lower-case name."""
    text: str

    @property
    def location(self) -> str:
        """Where the browser is sent."""
        return self.headers.get("location", "")


class Browser:
    """Keeps cookies per host, and holds back what is SameSite=Strict where another site sent it."""

    def __init__(self) -> None:
        self.cookies: dict[str, http.cookies.SimpleCookie] = {}
        self.tls = ssl.create_default_context()
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE

    def ask(
        self,
        method: str,
        address: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        is_cross_site: bool = False,
    ) -> Answer:
        """One request; redirects are for the caller to follow."""
        parts = urllib.parse.urlsplit(address)
        connection = http.client.HTTPSConnection(parts.netloc, timeout=30, context=self.tls)
        sent = dict(headers or {})
        jar = self.cookies.setdefault(parts.netloc, http.cookies.SimpleCookie())
        held = [
            f"{name}={morsel.value}"
            for name, morsel in jar.items()
            if not (is_cross_site and morsel["samesite"].lower() == "strict")
        ]
        if held:
            sent["Cookie"] = "; ".join(held)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target or "/", body, sent)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            for value in response.headers.get_all("set-cookie") or []:
                jar.load(value)
        finally:
            connection.close()
        found = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, found, text)

    def get(self, address: str, is_cross_site: bool = False) -> Answer:
        """A page."""
        return self.ask("GET", address, is_cross_site=is_cross_site)

    def post_json(self, address: str, value: Any, method: str = "POST") -> Answer:
        """A JSON document."""
        content = {"Content-Type": "application/json"}
        return self.ask(method, address, json.dumps(value).encode(), content)

    def post_form(self, address: str, fields: dict[str, str]) -> Answer:
        """A form of the page itself."""
        content = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", address, urllib.parse.urlencode(fields).encode(), content)

    def cookie(self, address: str, name: str) -> http.cookies.Morsel[str] | None:
        """A cookie of a host."""
        jar = self.cookies.get(urllib.parse.urlsplit(address).netloc)
        return jar.get(name) if jar else None


class Site:
    """A controller of a test."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.kit = kit()
        self.environment = {"PATH": DPKG_PATH, "LANG": "C.UTF-8"}
        self.environment["HOME"] = os.path.join(folder, "home")
        os.makedirs(self.environment["HOME"], exist_ok=True)
        self.host = free_address()[0]
        self.controller = ControllerProcess(
            self.kit.programs.controller, folder, self.host, self.kit.trust
        )
        self.address = f"https://{self.host}:{self.controller.api_port}"

    @property
    def log(self) -> str:
        """What the controller has written."""
        with open(self.controller.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def open(self, lines: dict[str, str]) -> None:
        """Starts the controller with an administrator `root-ada` who has a password."""
        tandem = Tandem(self.kit.programs.tandem, self.folder, Console())
        authorities = os.path.join(self.folder, "ca")
        tandem.do("ca", "init", authorities)
        issue = ("--dir", authorities)
        tandem.do("ca", "issue", "controller", NAME, "--host", self.host, *issue)
        self.controller.more = lines
        self.controller.run(self.environment)
        until(self._is_open, "the controller's pages open")
        self.people(
            "add", "root-ada", "--role", "administrator", "--password-file", "-", said=LOCAL_PASSWORD
        )

    def _is_open(self) -> bool:
        self.controller.check()
        try:
            return Browser().get(f"{self.address}/healthz").status == 200
        except OSError:
            return False

    def people(self, *words: str, said: str = "") -> str:
        """The controller's local command about accounts."""
        configuration = os.path.join(self.folder, "controller.conf")
        arguments = [self.kit.programs.controller, "people", *words, "--config", configuration]
        done = subprocess.run(
            arguments,
            input=f"{said}\n",
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def lines(self, issuer: str, authority: str, own_secret: str = SECRET) -> dict[str, str]:
        """The configuration of a provider."""
        secret = os.path.join(self.folder, "client-secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write(f"{own_secret}\n")
        return {
            "oidc-issuer": issuer,
            "oidc-client-id": CLIENT,
            "oidc-client-secret-file": secret,
            "oidc-authority": authority,
            "oidc-redirect": f"{self.address}{RETURN}",
        }

    def start(self, browser: Browser, target: str = "/alarms") -> Answer:
        """The way to the provider, as the link on the sign-in page begins it."""
        query = urllib.parse.urlencode({"to": target})
        return browser.get(f"{self.address}/sign-in/provider?{query}")

    def start_afresh(self, browser: Browser, page: str = "/alarms") -> Answer:
        """The same as the link on a page begins it that wants a fresh proof."""
        came_from = {"Referer": f"{self.address}{page}"}
        return browser.ask("GET", f"{self.address}/sign-in/provider?fresh=yes", headers=came_from)

    def sign_in_locally(self, browser: Browser) -> Answer:
        """Name and password, past every provider."""
        fields = {"name": "root-ada", "password": LOCAL_PASSWORD, "to": "/alarms"}
        return browser.post_form(f"{self.address}/sign-in", fields)


class SignInTest(unittest.TestCase):
    """A test with a controller of its own."""

    maxDiff = None

    def make_site(self) -> Site:
        """The site, not open yet; it ends with the test."""
        kit()
        folder = tempfile.mkdtemp(prefix="tandem-oidc-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        site = Site(folder)
        self.addCleanup(site.controller.end)
        self.addCleanup(self._tell_if_failed, site)
        return site

    def _tell_if_failed(self, site: Site) -> None:
        result: Any = getattr(self, "_outcome").result
        failed = any(test is self for test, _ in [*result.failures, *result.errors])
        if failed and os.path.exists(site.controller.log):
            sys.stderr.write(f"\n--- controller\n{site.log[-8000:]}\n")

    def assert_signed_in(self, site: Site, browser: Browser, answer: Answer, name: str) -> None:
        """The page in between says so, and the next request of the browser is the person's."""
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(answer.headers.get("refresh"), "0; url=/alarms")
        self.assertIn('<a href="/alarms">', answer.text)
        session = browser.cookie(site.address, SESSION)
        assert session is not None
        self.assertEqual(session["samesite"], "Strict")
        self.assertTrue(session["httponly"] and session["secure"])
        # What would come of a redirect instead of that page.
        self.assertEqual(browser.get(f"{site.address}/alarms", is_cross_site=True).status, 303)
        page = browser.get(f"{site.address}/alarms")
        self.assertEqual(page.status, 200)
        self.assertIn(name, page.text)

    def assert_refused(self, site: Site, browser: Browser, answer: Answer, *words: str) -> None:
        """The sign-in page says why, and nobody is signed in."""
        self.assertIn(answer.status, (401, 403, 429, 502), answer.text)
        text = re.sub(r"&#39;|&#x27;|&apos;", "'", answer.text)
        for word in words:
            self.assertIn(word, text)
        self.assertIn('action="/sign-in"', answer.text)
        self.assertIsNone(browser.cookie(site.address, SESSION))
        self.assertEqual(browser.get(f"{site.address}/alarms").status, 303)
