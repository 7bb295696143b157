"""Releases that are really broken, and what becomes of a server that gets one."""

import os
import unittest

from case import EndToEnd
import faults
from kit import NEW, NEW_SPEC, OLD, OLD_SPEC, Spec
from lab import MIXED, Lab, Setting
from operator_client import ACTION_FAILED, enabled, failure, server

from tandem_demo import lines
from tandem_demo.network import Server, install

FAILED = 70506
ZOMBIE = 70508
FIXED = Spec("12.6.1", previous=(OLD, NEW), schema="2")


def broken(variant: str, **more: int) -> Spec:
    """The new release in a broken form."""
    return Spec(NEW, variant, previous=(OLD,), schema="2", **more)


class BrokenReleaseTests(EndToEnd):
    """dpkg fails, each time in another way."""

    def start_and_fail(self, variant: str, *more: Spec) -> tuple[Lab, str]:
        """Starts the upgrade to a broken release; returns what the operator reads."""
        lab = self.open(Setting(new=(broken(variant), *more)))
        interval = lab.probe.begin("broken")
        said = lab.press("start-upgrade")
        self.assertEqual(said.code, ACTION_FAILED, said.text)
        lab.wait_for_alarm(FAILED, lab.cluster.name)
        lab.probe.begin("after")
        tally = lab.probe.interval(interval)[lab.cluster.name]
        self.assertEqual(tally["outages"], 0, "the mate goes on serving")
        return lab, said.text

    def check_words(self, lab: Lab, words: str) -> None:
        """The diagnostic and the upgrade log carry the package's own words."""
        found = failure(lab.status())
        assert found
        self.assertIn(words, str(found))
        self.assertTrue(any(words in entry["detail"] for entry in lab.person.log(lab.cluster.name)))

    def check_old_again(self, lab: Lab) -> None:
        """Nothing is left of the broken release."""
        lab.wait_for_position("oo")
        self.assertEqual(lab.versions(), (OLD, OLD))
        lab.wait_for_alarm(MIXED, lab.cluster.name, is_raised=False)
        self.assertNotIn((ZOMBIE, lab.servers[1].name), lab.person.alarms())
        self.assertFalse(server(lab.status(), lab.servers[1].name)["isZombie"])

    def close(self, lab: Lab) -> None:
        """Ends an operation that has changed nothing for good."""
        button = "close" if "close" in enabled(lab.status()) else "start-rollback"
        lab.do(button)
        self.assert_ended_well(lab, OLD_SPEC)

    def test_postinst_fails(self) -> None:
        lab, _ = self.start_and_fail("postinst-fails", FIXED)
        self.check_words(lab, "can't convert the subscriber index")
        self.check_old_again(lab)
        said = lab.press("try-again")  # The fault is still there.
        self.assertEqual(said.code, ACTION_FAILED, said.text)
        self.check_old_again(lab)
        self.close(lab)
        # Another image works.
        lab.do("start-upgrade", "--release", FIXED.argument)
        lab.wait_for_position("on")
        self.assertEqual(lab.versions(), (OLD, FIXED.version))

    def test_preinst_fails(self) -> None:
        lab, _ = self.start_and_fail("preinst-fails")
        self.check_words(lab, "this machine has no licence dongle")
        self.check_old_again(lab)
        self.close(lab)

    def make_zombie(self) -> Lab:
        """The way forward fails, and the way back as well."""
        lab, _ = self.start_and_fail("both-ways-fail")
        self.check_words(lab, "stopped half-way in data format 99")
        self.check_words(lab, "data format 99 is newer than format 1")
        first, second = lab.servers
        lab.wait_for_alarm(ZOMBIE, second.name)
        status = lab.wait_for_position("standby-broken")
        self.assertTrue(server(status, second.name)["isZombie"])
        self.assertEqual(server(status, second.name)["operation"], "Zombie")
        self.assertEqual(lab.facts(first)["role"], "active")
        return lab

    def remove_fault(self, one: Server) -> None:
        """What stopped both releases is put right by hand."""
        with open(f"{one.root}/var/lib/{OLD_SPEC.product}/format", "w", encoding="utf-8") as file:
            file.write("1\n")

    def test_both_ways_fail_then_rolled_back(self) -> None:
        lab = self.make_zombie()
        second = lab.servers[1]
        said = lab.press("start-rollback")  # The fault is still there.
        self.assertEqual(said.code, ACTION_FAILED, said.text)
        lab.wait_for_alarm(ZOMBIE, second.name)
        self.remove_fault(second)
        lab.do("try-again" if "try-again" in enabled(lab.status()) else "continue-rollback")
        lab.wait_for_alarm(ZOMBIE, second.name, is_raised=False)
        self.assertEqual(lab.versions(), (OLD, OLD))
        lab.wait_for_position("oo")
        lab.do("continue-rollback")
        self.assert_ended_well(lab, OLD_SPEC)

    def test_both_ways_fail_then_recovered_by_hand(self) -> None:
        lab = self.make_zombie()
        second = lab.servers[1]
        said = lab.press("recovered", "--server", second.name)  # It is not.
        self.assertNotEqual(said.code, 0, said.text)
        lab.wait_for_alarm(ZOMBIE, second.name)
        self.remove_fault(second)
        install(second.root, f"{os.path.dirname(lab.old.description)}/packages")
        lines.ask(lines.init_control_socket(second.root), f"start {OLD_SPEC.product}", 20)
        lab.wait_for_release(OLD_SPEC)
        lab.do("recovered", "--server", second.name)
        lab.wait_for_alarm(ZOMBIE, second.name, is_raised=False)
        self.check_old_again(lab)
        self.close(lab)

    def test_abort_fails(self) -> None:
        lab, _ = self.start_and_fail("abort-fails")
        self.check_words(lab, "can't take the upgrade to")
        self.check_old_again(lab)
        self.close(lab)


class OddReleaseTests(EndToEnd):
    """dpkg succeeds, and still not everything is well."""

    def test_daemon_of_postinst_does_not_hang_the_agent(self) -> None:
        seconds = 300
        lab = self.open(Setting(new=(broken("daemon-in-postinst", seconds=seconds),)))
        first, second = lab.servers
        lab.do("start-upgrade")
        lab.wait_for_position("on")
        self.assertEqual(lab.versions(), (OLD, NEW))
        with open(f"{second.root}/run/tandem-demo/leftover.pid", encoding="utf-8") as file:
            pid = int(file.read())
        self.addCleanup(faults.processes.kill, pid, 9)
        self.assertTrue(faults.processes.is_alive(pid), "the daemon was to live on")
        self.assertEqual(lab.facts(first)["role"], "active")

    def test_sick_release_is_not_left_on_the_server(self) -> None:
        lab = self.open(Setting(new=(broken("sick"), FIXED)))
        said = lab.press("start-upgrade")
        self.assertEqual(said.code, ACTION_FAILED, said.text)
        self.assertIn("the subscriber index is corrupt", str(failure(lab.status())))
        lab.wait_for_position("oo")
        self.assertEqual(lab.versions(), (OLD, OLD))
        lab.do("close" if "close" in enabled(lab.status()) else "start-rollback")
        self.assert_ended_well(lab, OLD_SPEC)

    def test_try_again_after_the_fault_is_removed(self) -> None:
        lab = self.open()
        second = lab.servers[1]
        check = f"{second.folder}/checks.d/pre-upgrade/zz-critical"
        faults.write_program(check, "#!/bin/sh\necho 'CRITICAL: the fan stands still'\nexit 2\n")
        said = lab.press("start-upgrade")
        self.assertNotEqual(said.code, 0, said.text)
        self.assertIn("the fan stands still", said.text + str(failure(lab.status())))
        self.assertEqual(lab.versions(), (OLD, OLD))
        os.unlink(check)
        lab.do("try-again" if "try-again" in enabled(lab.status()) else "start-upgrade")
        lab.wait_for_position("on")
        self.assertEqual(lab.versions(), (OLD, NEW_SPEC.version))


if __name__ == "__main__":
    unittest.main()
