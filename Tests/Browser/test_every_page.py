"""Every page in light, dark and on a phone: looked at, and held to the rules of accessibility."""

import unittest

from browser import LOOKS
from page_case import BrowserTest

MARKUP = '<img src=x onerror="window.broken=1">'


class EveryPageTests(BrowserTest):
    """What there is to see in the middle of an upgrade."""

    def test_every_page(self) -> None:
        lab, browser = self.open_browser()
        lab.do("start-upgrade")
        lab.wait_for_position("on")
        self.command(lab, "add", "root", *(f"--role={role}" for role in (
            "viewer", "operator", "approver", "administrator", "auditor")))
        image = lab.person.get("images")[0]["image"]
        cluster = lab.cluster.name
        pages = {
            "upgrade-manager": "/",
            "cluster": f"/clusters/{cluster}",
            "server": f"/servers/{lab.servers[1].name}",
            "confirmation": f"/clusters/{cluster}/press/continue-upgrade",
            "iso-maintenance": "/iso-maintenance",
            "image": f"/images/{image}",
            "upgrade-log": "/upgrade-log",
            "alarms": "/alarms",
            "audit": "/audit",
            "people": "/people",
            "account": "/account",
        }
        for look in LOOKS:
            root = self.sign_in(lab, browser, "root", look)
            for name, path in pages.items():
                with self.subTest(page=name, look=look.name):
                    answer = root.page.goto(path)
                    assert answer
                    self.assertEqual(answer.status, 200, path)
                    self.check(browser, root.page, f"{name}-{look.name}")
            page = browser.context(look).new_page()
            page.goto("/sign-in")
            self.check(browser, page, f"sign-in-{look.name}")

    def test_names_and_words_full_of_markup(self) -> None:
        lab, browser = self.open_browser()
        said = lab.person.ask("cluster", "add", MARKUP, "--kind", "scef-fe", "--site", "north",
                              "--server", f"a={lab.identities[lab.servers[0].name].certificate}")
        self.assertNotEqual(said.code, 0, "no such name is taken")
        lab.begin("start-upgrade", "--reason", MARKUP)
        lab.wait_for_position("on")
        olivia = self.sign_in(lab, browser, "olivia")
        for path in ("/", olivia.cluster_path, "/upgrade-log", f"/clusters/{MARKUP}",
                     f"/upgrade-log?cluster={MARKUP}", f"/servers/{MARKUP}"):
            olivia.page.goto(path)
            self.assertIsNone(olivia.page.evaluate("window.broken ?? null"), path)
            self.assertEqual(olivia.page.locator("img[onerror]").count(), 0, path)
        olivia.look_at_cluster()
        self.assertIn(MARKUP, olivia.page.get_by_role("main").inner_text())


if __name__ == "__main__":
    unittest.main()
