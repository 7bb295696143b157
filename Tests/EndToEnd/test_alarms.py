"""Alarms of one server and the checks that ship: held in standby (70503), a damaged image (70505)."""

import os
import shutil
import unittest

import faults
from case import EndToEnd
from kit import NEW, NEW_SPEC, OLD, OLD_SPEC
from lab import Lab
from operator_client import enabled, server

from tandem_demo import lines
from tandem_demo.network import Server

FORCED_STANDBY = 70503
ISO_MISMATCH = 70505
REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
CHECKS = os.path.join(REPOSITORY, "Deploy/checks.d")


class HoldTests(EndToEnd):
    """A hold is a promise: it outlives the agent and the server's boot, until somebody releases it."""

    def shows_hold(self, lab: Lab, one: Server) -> bool:
        """By the alarm, by what the operator reads, and by the HA system itself."""
        shown = lab.person.do("cluster", "show", lab.cluster.name)
        entry = server(lab.status(), one.name)
        return (
            (FORCED_STANDBY, one.name) in lab.person.alarms()
            and "forced-standby" in shown
            and entry["role"] == "forced-standby"
            and self.driver_holds(one)
        )

    def driver_holds(self, one: Server) -> bool:
        """The product itself, past Tandem."""
        return lab_facts(one)["held"] == "yes"

    def test_hold_survives_everything_but_its_release(self) -> None:
        lab = self.open()
        standby = lab.standby()
        lab.do("hold", "--server", standby.name)
        faults.until(lambda: self.shows_hold(lab, standby), "the hold is seen")

        faults.kill_agent(standby)
        lab.wait_for_rest()
        faults.until(lambda: self.shows_hold(lab, standby), "the hold outlives the agent")

        lab.kill_controller()
        lab.start_controller()
        lab.wait_for_rest()
        faults.until(lambda: self.shows_hold(lab, standby), "the hold outlives the controller")

        boot = self.boot_id(standby)
        answer = lines.ask(lines.init_control_socket(standby.root), "reboot", 30)
        self.assertEqual(answer["result"], "ok", answer)
        faults.until(lambda: self.has_rebooted(standby, boot), "another boot")
        lab.wait_for_rest()
        faults.until(lambda: self.shows_hold(lab, standby), "the hold outlives the boot")

        said = lab.person.press(
            "start-upgrade",
            lab.cluster.name,
            "--release",
            lab.setting.new[0].argument,
            "--acknowledge-notices",
        )
        self.assertNotEqual(said.code, 0, said.text)
        self.assertIn(f"{standby.name} is held", said.text)
        self.assertEqual(lab.versions(), (OLD, OLD))

        lab.do("release", "--server", standby.name)
        lab.wait_for_alarm(FORCED_STANDBY, standby.name, is_raised=False)
        self.assertFalse(self.driver_holds(standby))
        self.assert_ended_well(lab, OLD_SPEC)
        lab.do("start-upgrade")
        lab.wait_for_position("on")
        self.assertEqual(sorted(lab.versions()), [OLD, NEW])

    def boot_id(self, one: Server) -> str:
        """Of the server, by its init; empty while it does not answer."""
        try:
            return lines.ask(lines.init_control_socket(one.root), "status").get("boot-id", "")
        except OSError:
            return ""

    def has_rebooted(self, one: Server, before: str) -> bool:
        """Another boot, and the product answers again."""
        try:
            return self.boot_id(one) not in ("", before) and "role" in lab_facts(one)
        except OSError:
            return False


def lab_facts(one: Server) -> lines.Answer:
    """What the product says, past Tandem."""
    return lines.ask(lines.service_control_socket(one.root), "status")


class ImageTests(EndToEnd):
    """What lies on a server's disk is looked at while nobody asks for it."""

    def blobs(self, one: Server) -> list[str]:
        """The files of staged releases, the largest first."""
        folder = os.path.join(one.state, "store/blobs")
        paths = [os.path.join(folder, name) for name in os.listdir(folder)]
        return sorted(paths, key=os.path.getsize, reverse=True)

    def flip(self, path: str) -> None:
        """One byte of a file becomes another one."""
        os.chmod(path, 0o700)
        with open(path, "r+b") as file:
            byte = file.read(1)[0]
            file.seek(0)
            file.write(bytes([byte ^ 1]))
        os.chmod(path, 0o500)

    def mend(self, lab: Lab) -> None:
        """Stages both images again."""
        for spec in (OLD_SPEC, NEW_SPEC):
            lab.stage(spec)

    def test_lost_and_damaged_files_are_noticed_and_staged_again(self) -> None:
        lab = self.open()
        first, second = lab.servers
        os.unlink(self.blobs(first)[0])
        self.flip(self.blobs(second)[0])
        for one in lab.servers:
            lab.wait_for_alarm(ISO_MISMATCH, one.name)
        (text,) = {
            entry["text"].split(":")[0]
            for entry in lab.person.get("alarms")["items"]
            if entry["instance"] == second.name and entry["number"] == ISO_MISMATCH
        }
        self.assertIn(".deb", text, "the file is named")
        faults.kill_agent(second)
        lab.wait_for_rest()
        lab.wait_for_alarm(ISO_MISMATCH, second.name)
        self.mend(lab)
        for one in lab.servers:
            lab.wait_for_alarm(ISO_MISMATCH, one.name, is_raised=False)
        lab.do("start-upgrade")
        lab.wait_for_position("on")
        self.assertEqual(lab.versions(), (OLD, NEW))


class ShippedChecksTests(EndToEnd):
    """The executables of `Deploy/checks.d` on servers that are sound, and on one that is not."""

    def test_sound_servers_pass_and_a_bad_end_fails(self) -> None:
        lab = self.open()
        for one in lab.servers:
            shutil.copytree(CHECKS, os.path.join(one.folder, "checks.d"), dirs_exist_ok=True)
        second = lab.servers[1]
        bad = os.path.join(second.folder, "checks.d/post-upgrade/calls")
        faults.write_program(bad, "#!/bin/sh\necho 'CRITICAL: no call gets through'\nexit 2\n")
        said = lab.press("start-upgrade")
        self.assertNotEqual(said.code, 0, said.text)
        self.assertIn("no call gets through", said.text)
        lab.wait_for_position("oo")
        self.assertEqual(lab.versions(), (OLD, OLD))
        os.unlink(bad)
        lab.do("try-again" if "try-again" in enabled(lab.status()) else "start-upgrade")
        lab.wait_for_position("on")
        self.assertEqual(lab.versions(), (OLD, NEW))


if __name__ == "__main__":
    unittest.main()
