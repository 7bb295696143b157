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
        image = lab.person.get("images")["items"][0]["image"]
        cluster = lab.cluster.name
        pages = {
            "upgrade-manager": "/",
            "cluster": f"/clusters/{cluster}",
            "server": f"/servers/{lab.servers[1].name}",
            "confirmation": f"/clusters/{cluster}/press/continue-upgrade",
            "confirmation-of-several": f"/press-several?button=continue-upgrade&cluster={cluster}",
            "configuration": f"/clusters/{cluster}/configuration",
            "charge": f"/clusters/{cluster}/charge",
            "emergency-stop": "/emergency-stop",
            "iso-maintenance": "/iso-maintenance",
            "image": f"/images/{image}",
            "upgrade-log": "/upgrade-log",
            "alarms": "/alarms",
            "alarm-history": "/alarms?history=true",
            "audit": "/audit",
            "people": "/people",
            "account": "/account",
        }
        for look in LOOKS:
            olivia = self.sign_in(lab, browser, "olivia", look)
            for name, path in pages.items():
                with self.subTest(page=name, look=look.name):
                    answer = olivia.page.goto(path)
                    assert answer
                    self.assertEqual(answer.status, 200, path)
                    self.check(browser, olivia.page, f"{name}-{look.name}")
            page = browser.context(look).new_page()
            page.goto("/sign-in")
            self.check(browser, page, f"sign-in-{look.name}")

    def test_names_and_words_full_of_markup(self) -> None:
        lab, browser = self.open_browser()
        said = lab.person.ask("cluster", "add", MARKUP, "--kind", "scef-fe", "--site", "north",
                              "--server", f"a={lab.identities[lab.servers[0].name].certificate}")
        self.assertNotEqual(said.code, 0, "no such name is taken")
        olivia = self.sign_in(lab, browser, "olivia")
        olivia.look_at_cluster()
        olivia.ask_for("Start Upgrade")
        olivia.confirm(MARKUP)
        lab.wait_for_position("on")
        for path in ("/", olivia.cluster_path, "/upgrade-log", f"/clusters/{MARKUP}",
                     f"/upgrade-log?cluster={MARKUP}", f"/servers/{MARKUP}"):
            olivia.page.goto(path)
            self.assertIsNone(olivia.page.evaluate("window.broken ?? null"), path)
            self.assertEqual(olivia.page.locator("img[onerror]").count(), 0, path)
        olivia.look_at_cluster()
        self.assertIn(MARKUP, olivia.page.get_by_role("main").inner_text())


if __name__ == "__main__":
    unittest.main()
