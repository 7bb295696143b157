"""What the pages do by plain forms: images, logs, alarms; and an image that is sent from a page."""

import unittest

import faults
from kit import NEW_SPEC
from lab import Lab, Setting
from page_case import BrowserTest, Colleague
from playwright.sync_api import Route, expect

FORCED_STANDBY = 70503


def digest(lab: Lab, text: str) -> str:
    """The image of a release that the controller holds."""
    return str(
        next(
            one["image"]
            for one in lab.person.get("images")["items"]
            if f"{one['release']['product']} {one['release']['version']}" == text
        )
    )


class FormTests(BrowserTest):
    """Olivia sees to images, logs and alarms."""

    def shows(self, olivia: Colleague, text: str) -> None:
        """In time, without the page being loaded anew."""
        expect(olivia.page.get_by_role("main")).to_contain_text(text, timeout=30_000)

    def test_push_and_delete_an_image(self) -> None:
        lab, browser = self.open_browser(Setting(stages=False))
        olivia = self.sign_in(lab, browser, "olivia")
        page = olivia.page
        one = lab.servers[1].name
        image = digest(lab, NEW_SPEC.text)
        page.goto("/iso-maintenance")
        self.check(browser, page, "iso-maintenance-before-push")
        page.locator(f'[id="push-{image}-{one}"]').click()
        held = page.locator(f'[id="delete-{image}-{one}"]')
        expect(held).to_have_count(1, timeout=30_000)
        expect(page.locator(f'[id="push-{image}-{one}"]')).to_have_count(0)
        row = page.locator("tr").filter(has=held)
        row.locator("summary").click()
        held.click()
        expect(page.locator(f'[id="push-{image}-{one}"]')).to_have_count(1, timeout=30_000)
        # And from the controller.
        whole = page.locator(f'[id="delete-{image}"]')
        page.locator("form").filter(has=whole).locator("summary").click()
        whole.click()
        expect(whole).to_have_count(0)
        left = [entry["image"] for entry in lab.person.get("images")["items"]]
        self.assertNotIn(image, left)
        self.assertEqual(browser.complaints, [])

    def test_logs_are_collected(self) -> None:
        lab, browser = self.open_browser()
        olivia = self.sign_in(lab, browser, "olivia")
        olivia.page.goto(f"/servers/{lab.servers[0].name}")
        olivia.page.get_by_role("button", name="Collect Logs").click()
        expect(olivia.page.get_by_role("region", name="Collected logs")).to_be_visible(
            timeout=30_000
        )
        with olivia.page.expect_download() as download:
            olivia.page.get_by_role("link", name="Download As Text").click()
        with open(download.value.path(), encoding="utf-8") as file:
            self.assertIn("tandem-agent", file.read())
        self.check(browser, olivia.page, "server-with-logs")

    def test_alarm_is_acknowledged(self) -> None:
        lab, browser = self.open_browser()
        standby = lab.servers[1].name
        lab.do("hold", "--server", standby)
        lab.wait_for_alarm(FORCED_STANDBY, standby)
        olivia = self.sign_in(lab, browser, "olivia")
        page = olivia.page
        page.goto("/alarms")
        row = page.locator("tr").filter(has_text=str(FORCED_STANDBY))
        row.locator("summary").click()
        row.get_by_label("What is being done about it").fill("CHG-9, held for the move")
        self.check(browser, page, "alarm-being-acknowledged")
        row.get_by_role("button", name="Acknowledge").click()
        self.shows(olivia, "by olivia")
        self.shows(olivia, "CHG-9, held for the move")
        self.assertIn((FORCED_STANDBY, standby), lab.person.alarms(), "it clears nothing")
        self.check(browser, page, "alarm-acknowledged")

    def test_upload_goes_on_after_a_lost_connection_and_a_reload(self) -> None:
        lab, browser = self.open_browser(Setting(new=()))
        built = lab.kit.build(NEW_SPEC)
        olivia = self.sign_in(lab, browser, "olivia")
        page = olivia.page
        page.goto("/iso-maintenance")
        broken: list[str] = []

        def break_once(route: Route) -> None:
            if not broken and route.request.method == "PUT":
                broken.append(route.request.url)
                route.abort("connectionreset")
            else:
                route.continue_()

        page.route("**/api/v1/uploads/*", break_once)
        page.get_by_label("Image file").set_input_files(built.image)
        page.get_by_role("button", name="Upload", exact=True).click()
        expect(page.locator("#upload-result")).to_contain_text("tries again")
        page.once("dialog", lambda dialog: dialog.accept())
        page.reload()
        self.shows(olivia, "Unfinished uploads of yours")
        self.check(browser, page, "upload-unfinished")
        page.get_by_label("Image file").set_input_files(built.image)
        page.get_by_role("button", name="Upload", exact=True).click()
        expect(page.locator("#upload-result")).to_contain_text("is here and verified", timeout=60_000)
        self.assertEqual(len(broken), 1)
        faults.until(lambda: bool(digest(lab, NEW_SPEC.text)), "the image is offered")
        self.shows(olivia, NEW_SPEC.text)
        self.check(browser, page, "upload-done")


if __name__ == "__main__":
    unittest.main()
