"""A full disk while an image is staged and while packages are installed.

The server's disks are small file systems in memory, mounted in a user namespace: each test runs once
more in a process of its own there.
"""

import errno
import os
import subprocess
import sys
import unittest
from collections.abc import Callable
from functools import wraps

from case import EndToEnd
import faults
from kit import HERE, NEW, OLD, Spec
from lab import Lab, Setting
from operator_client import ACTION_FAILED, enabled, failure, server

from tandem_demo.network import Server

NAMESPACE = "TANDEM_E2E_NAMESPACE"
LIMIT_SECONDS = 240
MEGABYTE = 1 << 20
DISK_MEGABYTES = 80
DISK_FULL = "TDM-4001"
BIG = Spec(NEW, "big", previous=(OLD,), schema="2", big_megabytes=24)
BOASTER = Spec(NEW, "big", previous=(OLD,), schema="2", big_megabytes=24, space_needed=1)


def in_namespace(test: "Callable[[DiskFullTests], None]") -> "Callable[[DiskFullTests], None]":
    """Runs a test where it may mount; fails with the reason where that is not possible."""

    @wraps(test)
    def outside(self: "DiskFullTests") -> None:
        if os.environ.get(NAMESPACE):
            return test(self)
        trial = subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
            capture_output=True,
            text=True,
            check=False,
        )
        if trial.returncode:
            self.fail(f"no file system can be mounted here: {trial.stderr.strip()}")
        done = subprocess.run(
            ["unshare", "-rm", sys.executable, "-B", "-m", "unittest", self.id()],
            cwd=HERE,
            env={**os.environ, NAMESPACE: "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout)

    return outside


class DiskFullTests(EndToEnd):
    """The second server's disks are small."""

    def setUp(self) -> None:
        super().setUp()
        self.small: list[Callable[[Server], str]] = []

    def prepare(self, lab: Lab) -> None:
        """Mounts a small disk for each folder that is asked for."""
        for folder_of in self.small:
            folder = folder_of(lab.servers[1])
            os.makedirs(folder)
            options = f"size={DISK_MEGABYTES}m,mode=0700"
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
            self.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)

    def fill(self, folder: str, megabytes_left: int) -> str:
        """Leaves so much space, also while others take some; returns the file with the rest."""
        path = os.path.join(folder, "filler")
        with open(path, "wb", buffering=0) as file:
            while True:
                system = os.statvfs(folder)
                surplus = system.f_bavail * system.f_frsize - megabytes_left * MEGABYTE
                if surplus <= 0:
                    return path
                try:
                    file.write(bytes(min(surplus, MEGABYTE)))
                except OSError as error:
                    self.assertEqual(error.errno, errno.ENOSPC)
                    return path

    def check_staging_failed(self, lab: Lab) -> None:
        """The operator reads why; nothing counts as staged; the agent lives on."""
        faults.until(
            lambda: any(
                "bytes are needed" in entry["detail"] or "No space left" in entry["detail"]
                for entry in lab.person.log(lab.cluster.name)
            ),
            "the upgrade log tells of the full disk",
        )
        second = server(lab.status(), lab.servers[1].name)
        self.assertTrue(second["isConnected"])
        self.assertEqual([image["release"]["version"] for image in second["images"]], [OLD])
        said = lab.press("start-upgrade")
        self.assertEqual(said.code, ACTION_FAILED, "without the image nothing is changed")
        self.assertIn("free", said.text)
        self.assertEqual(lab.versions(), (OLD, OLD))

    def finish(self, lab: Lab) -> None:
        """After space was freed everything works."""
        lab.stage(lab.setting.new[0])
        lab.do("try-again")
        lab.wait_for_position("on")
        self.assertEqual(lab.versions(), (OLD, NEW))

    @in_namespace
    def test_staging_finds_no_room(self) -> None:
        self.small = [lambda one: one.state]
        lab = self.open(Setting(new=(BIG,), stages=False))
        filler = self.fill(lab.servers[1].state, megabytes_left=8)
        said = lab.person.ask("image", "stage", BIG.argument, lab.cluster.name, "--wait", "5")
        self.assertNotEqual(said.code, 0, said.text)
        self.check_staging_failed(lab)
        os.unlink(filler)
        self.finish(lab)

    @in_namespace
    def test_disk_fills_while_staging(self) -> None:
        self.small = [lambda one: one.state]
        lab = self.open(Setting(new=(BIG,), stages=False))
        state = lab.servers[1].state
        images = os.path.join(state, "store/images")
        lab.person.do("image", "stage", BIG.argument, lab.cluster.name, "--no-wait")
        faults.until(
            lambda: any(name.endswith(".part") for name in os.listdir(images)), "staging begins"
        )
        filler = self.fill(state, megabytes_left=0)
        self.check_staging_failed(lab)
        os.unlink(filler)
        self.finish(lab)

    @in_namespace
    def test_check_finds_no_room(self) -> None:
        self.small = [lambda one: one.root]
        lab = self.open(Setting(new=(BIG,)))
        filler = self.fill(lab.servers[1].root, megabytes_left=8)
        said = lab.press("start-upgrade")
        self.assertEqual(said.code, ACTION_FAILED, said.text)
        self.assertIn("disk-space", said.text)
        self.assertEqual(lab.versions(), (OLD, OLD))
        os.unlink(filler)
        lab.do("try-again" if "try-again" in enabled(lab.status()) else "start-upgrade")
        lab.wait_for_position("on")
        self.assertEqual(lab.versions(), (OLD, NEW))

    @in_namespace
    def test_disk_fills_while_installing(self) -> None:
        self.small = [lambda one: one.root]
        lab = self.open(Setting(new=(BOASTER,)))
        filler = self.fill(lab.servers[1].root, megabytes_left=8)
        said = lab.press("start-upgrade")
        self.assertEqual(said.code, ACTION_FAILED, said.text)
        found = str(failure(lab.status()))
        self.assertIn(DISK_FULL, found)
        self.assertIn("No space left on device", found)
        lab.wait_for_position("oo")
        self.assertEqual(lab.versions(), (OLD, OLD))
        self.assertFalse(server(lab.status(), lab.servers[1].name)["isZombie"])
        os.unlink(filler)
        lab.do("try-again")
        lab.wait_for_position("on")
        self.assertEqual(lab.versions(), (OLD, NEW))


if __name__ == "__main__":
    unittest.main()
