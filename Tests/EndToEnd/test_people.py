"""Who may press what, and what they must have seen."""

import unittest

from case import EndToEnd
from kit import NEW, OLD
from lab import Lab, Setting
from operator_client import REFUSED, SEEN_CHANGED, WAITS_FOR_APPROVAL

from tandem_demo import lines

USAGE = 2
START = ("upgrade", "start-upgrade")


class PeopleTests(EndToEnd):
    """Two people with a certificate each."""

    def request(self, lab: Lab) -> str:
        """The first person asks for Start; returns the request's id."""
        said = lab.press("start-upgrade")
        self.assertEqual(said.code, WAITS_FOR_APPROVAL, said.text)
        (pending,) = lab.status()["approvals"]
        self.assertIn(f"tandem approve {pending['id']}", said.text)
        self.assertEqual(pending["press"]["person"], "olivia")
        self.assertEqual(lab.versions(), (OLD, OLD))
        return str(pending["id"])

    def test_two_people(self) -> None:
        lab = self.open(Setting(people_needed=2))
        request = self.request(lab)
        said = lab.person.ask("approve", request)
        self.assertEqual(said.code, REFUSED, said.text)
        self.assertIn("TDM-5006", said.text)
        self.assertEqual(lab.versions(), (OLD, OLD))
        said = lab.other_person.ask("approve", request)
        self.assertEqual(said.code, 0, said.text)
        self.assertIn("asked for by olivia", said.text)
        lab.wait_for_position("on")
        self.assertEqual(lab.versions(), (OLD, NEW))
        # The way back needs one person only.
        lab.do("start-rollback")
        lab.wait_for_position("oo")
        self.assertEqual(lab.versions(), (OLD, OLD))

    def test_request_is_void_when_roles_have_moved(self) -> None:
        lab = self.open(Setting(people_needed=2))
        request = self.request(lab)
        self.move_roles(lab)
        said = lab.other_person.ask("approve", request)
        self.assertEqual(said.code, REFUSED, said.text)
        self.assertEqual(lab.versions(), (OLD, OLD))

    def test_request_is_withdrawn(self) -> None:
        lab = self.open(Setting(people_needed=2))
        request = self.request(lab)
        self.assertEqual(lab.person.ask("approve", request, "--withdraw").code, 0)
        self.assertEqual(lab.status()["approvals"], [])
        self.assertEqual(lab.other_person.ask("approve", request).code, REFUSED)

    def test_confirmation_is_bound_to_what_was_seen(self) -> None:
        lab = self.open()
        words = (*START, lab.cluster.name, "--release", lab.setting.new[0].argument)
        words = (*words, "--acknowledge-notices", "--reason", "CHG-1", "--yes")
        said = lab.person.ask(*words)
        self.assertEqual(said.code, USAGE, said.text)
        self.assertIn("--seen", said.text)
        seen = lab.status()["seen"]
        self.move_roles(lab)
        said = lab.person.ask(*words, "--seen", seen)
        self.assertEqual(said.code, REFUSED, said.text)
        self.assertIn(SEEN_CHANGED, said.text)
        for server in lab.servers:
            self.assertIn(server.name, said.text, "the difference is told")
        self.assertEqual(lab.versions(), (OLD, OLD))
        self.assertIsNone(lab.status().get("operation"))

    def move_roles(self, lab: Lab) -> None:
        """A hand moves the roles, past Tandem."""
        first, second = lab.servers
        for one, request in ((first, "demote"), (second, "promote")):
            answer = lines.ask(lines.service_control_socket(one.root), request)
            self.assertEqual(answer["result"], "ok", answer)
        lab.wait(
            lambda status: [entry["role"] for entry in status["servers"]] == ["standby", "active"],
            "the moved roles are seen",
        )


if __name__ == "__main__":
    unittest.main()
