"""Chromium for a test: people signed in, screenshots, and the rules of accessibility."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

PROGRAM = "/usr/bin/chromium"
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required")
PATIENCE_MILLISECONDS = 20_000
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# Pixels; Chromium draws no picture of much more.
PAGE_HEIGHT_MAX = 12_000


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    name: str
    viewport: dict[str, int]
    scheme: str


LOOKS = (
    Look("light", DESK, "light"),
    Look("dark", DESK, "dark"),
    Look("phone", PHONE, "light"),
)


class Chromium:
    """One browser of one test, and everything wrong that its pages said."""

    def __init__(self, playwright: Playwright, address: str) -> None:
        self.address = address
        self.browser: Browser = playwright.chromium.launch(
            executable_path=PROGRAM, args=list(ARGUMENTS)
        )
        self.complaints: list[str] = []

    def context(self, look: Look = LOOKS[0], *, script: bool = True) -> BrowserContext:
        """A person's browser, with cookies of its own; nobody is signed in."""
        context = self.browser.new_context(
            base_url=self.address,
            ignore_https_errors=True,
            viewport=look.viewport,  # type: ignore[arg-type]
            color_scheme=look.scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.on("page", self._listen)
        return context

    def _listen(self, page: Page) -> None:
        """A page of ours neither fails nor breaks its own content security policy."""
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

        def on_console(message: object) -> None:
            text = str(getattr(message, "text", ""))
            if "Content Security Policy" in text or "TrustedHTML" in text:
                self.complaints.append(f"{page.url}: {text}")

        page.on("console", on_console)

    def close(self) -> None:
        """Ends the browser."""
        self.browser.close()


@contextmanager
def chromium(address: str) -> Iterator[Chromium]:
    """A browser for the pages at `address`."""
    os.environ["HOME"] = tempfile.mkdtemp(prefix="tandem-browser-")
    with sync_playwright() as playwright:
        one = Chromium(playwright, address)
        try:
            yield one
        finally:
            one.close()


@contextmanager
def whole(page: Page) -> Iterator[None]:
    """The window as high as its page meanwhile: a table lays out only the rows in sight."""
    window = page.viewport_size or {"width": 1280, "height": 900}
    # Rows that come into sight have their true height only then: measured again.
    for _ in range(2):
        height = int(page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": window["width"], "height": min(height, PAGE_HEIGHT_MAX)})
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    try:
        yield
    finally:
        page.set_viewport_size(window)


def draw(page: Page, name: str) -> None:
    """A screenshot of the whole page, for people to look at."""
    folder = os.path.join(os.environ.get("TANDEM_E2E_KIT", tempfile.gettempdir()), "screenshots")
    os.makedirs(folder, exist_ok=True)
    file = re.sub(r"[^a-z0-9-]+", "-", name.lower())
    page.screenshot(path=os.path.join(folder, f"{file}.png"), full_page=True)


def barriers(page: Page) -> list[str]:
    """What axe-core finds that keeps people out, one line each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {rule['id']} ({rule['impact']}): {rule['help']}: "
        + "; ".join(str(node["target"]) + " " + node["html"][:160] for node in rule["nodes"][:3])
        for rule in found
    ]
