"""Releases of RPM packages: there and back, and what rpm itself calls a success."""

import os
import subprocess

import faults
from case import EndToEnd
from kit import NEW, OLD, OLD_SPEC, Spec
from lab import MIXED, Lab, Setting
from operator_client import ACTION_FAILED, failure, server

from tandem_demo import rpms
from tandem_demo.network import Server

OLD_RPM = Spec(OLD, package_format="rpm")
NAMES = ("scef-fe-common", "scef-fe-server")


def new(variant: str = "sound", package_format: str = "rpm", seconds: int = 2) -> Spec:
    """The new release."""
    return Spec(
        NEW,
        variant,
        previous=(OLD,),
        schema="2",
        package_format=package_format,
        seconds=seconds,
    )


def may_make_namespaces() -> bool:
    """Whether rpm can enter a private root here."""
    trial = subprocess.run(["/usr/bin/unshare", "-r", "/bin/true"], check=False, capture_output=True)
    return trial.returncode == 0


class RpmTests(EndToEnd):
    """Two servers with rpm roots."""

    def open_rpm(self, *releases: Spec) -> Lab:
        """A cluster that runs the old release."""
        if not may_make_namespaces():
            self.skipTest("this machine lets nobody make namespaces")
        return self.open(Setting(old=OLD_RPM, new=releases))

    def installed(self, one: Server) -> list[str]:
        """What rpm says, past Tandem."""
        database = os.path.join(one.root, rpms.DATABASE)
        words = ["--dbpath", database, "-q", "--qf", "%{VERSION}-%{RELEASE}\n", *NAMES]
        return subprocess.run(
            ["/usr/bin/rpm", *words], check=False, capture_output=True, text=True
        ).stdout.split()

    def test_upgrade_and_roll_back(self) -> None:
        lab = self.open_rpm(new())
        first, second = lab.servers
        lab.do("start-upgrade")
        lab.wait_for_position("on")
        self.assertEqual(lab.versions(), (OLD, NEW))
        self.assertEqual(self.installed(second), [f"{NEW}-1"] * 2)
        lab.do("continue-upgrade")
        lab.wait_for_position("no")
        lab.do("reapply-configuration")
        lab.do("continue-upgrade")
        lab.wait_for_position("nn")
        self.assertEqual(lab.versions(), (NEW, NEW))
        for button, position in (
            ("start-rollback", "no"),
            ("continue-rollback", "on"),
            ("continue-rollback", "oo"),
        ):
            lab.do(button)
            lab.wait_for_position(position)
        self.assertEqual(lab.versions(), (OLD, OLD))
        for one in (first, second):
            self.assertEqual(self.installed(one), [f"{OLD}-1"] * 2)
            self.assertFalse(os.path.exists(os.path.join(one.state, "rpm-open")))
        lab.do("continue-rollback")
        self.assert_ended_well(lab, OLD_SPEC)

    def test_failing_post_is_a_failure_and_returned(self) -> None:
        lab = self.open_rpm(new("postinst-fails"))
        _, second = lab.servers
        said = lab.press("start-upgrade")
        self.assertEqual(said.code, ACTION_FAILED, said.text)
        found = str(failure(lab.status()))
        self.assertIn("%post of scef-fe-server-12.6.0-1.noarch failed", found)
        self.assertIn("can't convert the subscriber index", found)
        lab.wait_for_position("oo")
        self.assertEqual(lab.versions(), (OLD, OLD))
        self.assertEqual(self.installed(second), [f"{OLD}-1"] * 2)
        self.assertFalse(server(lab.status(), second.name)["isZombie"])
        lab.wait_for_alarm(MIXED, lab.cluster.name, is_raised=False)

    def test_killed_agent_and_rpm_are_repaired(self) -> None:
        lab = self.open_rpm(new("slow-postinst", seconds=4))
        _, second = lab.servers
        lab.begin("start-upgrade")
        both = sorted([f"{NEW}-1"] * 2 + [f"{OLD}-1"] * 2)
        faults.until(
            lambda: sorted(self.installed(second)) == both and faults.processes_of(second, "rpm"),
            "rpm runs %post, both versions in its database",
        )
        self.assertGreater(len(faults.kill_agent_with_dpkg(second)), 1)
        lab.wait_for_position("on", 120)
        self.assertEqual(lab.versions(), (OLD, NEW))
        self.assertEqual(self.installed(second), [f"{NEW}-1"] * 2)
        self.assertFalse(os.path.exists(os.path.join(second.state, "rpm-open")))
        lab.do("start-rollback")
        lab.wait_for_position("oo")
        self.assertEqual(self.installed(second), [f"{OLD}-1"] * 2)

    def test_image_of_debian_packages_is_refused(self) -> None:
        lab = self.open_rpm(new(package_format="deb"))
        _, second = lab.servers
        said = lab.press("start-upgrade")
        self.assertNotEqual(said.code, 0, said.text)
        self.assertIn("holds deb packages and this server installs rpm", said.text)
        self.assertEqual(lab.versions(), (OLD, OLD))
        self.assertEqual(self.installed(second), [f"{OLD}-1"] * 2)
