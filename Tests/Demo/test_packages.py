"""The demo's packages against the real dpkg: sound ones install, broken ones break as they say."""

import os
import re
import select
import signal
import subprocess
import unittest

from lab import REPOSITORY, Lab, eventually
from tandem_demo.root import dpkg_arguments

OLD = {"common": "12.5.0-1 installed", "server": "12.5.0-1 installed"}
NEW = {"common": "12.6.0-1 installed", "server": "12.6.0-1 installed"}


class PackageTests(Lab):
    """Real dpkg, private root, no rights."""

    def setUp(self) -> None:
        super().setUp()
        self.root = self.make_roots("a")[0]
        self.old = self.release("12.5.0")

    def test_same_arguments_same_bytes(self) -> None:
        before = {name: _bytes(name) for name in self.packages(self.old)}
        mask = os.umask(0o077)
        try:
            self.release("12.5.0")
        finally:
            os.umask(mask)
        for name, content in before.items():
            self.assertEqual(_bytes(name), content, name)

    def test_up_and_down(self) -> None:
        new = self.release("12.6.0")
        for release, states in ((self.old, OLD), (new, NEW), (self.old, OLD)):
            self.install(self.root, release)
            self.assertEqual(self.states(self.root), states)

    def test_changed_conffile_asks_nothing(self) -> None:
        self.install(self.root, self.old)
        path = f"{self.root}/etc/scef-fe/scef-fe.conf"
        with open(path, "a", encoding="utf-8") as file:
            file.write("log-level = debug\n")
        self.install(self.root, self.release("12.6.0"))
        self.assertIn(b"log-level = debug\n", _bytes(path))

    def test_postinst_fails_and_the_old_release_returns(self) -> None:
        self.install(self.root, self.old)
        done = self.dpkg(self.root, self.release("12.6.1", "postinst-fails"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("scef-fe-server 12.6.1: postinst: can't convert", done.stdout)
        self.assertEqual(self.states(self.root)["server"], "12.6.1-1 half-configured")
        self.install(self.root, self.old)
        self.assertEqual(self.states(self.root), OLD)

    def test_preinst_fails_and_nothing_is_changed(self) -> None:
        self.install(self.root, self.old)
        release = self.release("12.6.2", "preinst-fails")
        for packages in (self.packages(release), self.packages(release)[::-1]):
            done = self.run_program([*dpkg_arguments(self.root), "-i", *packages])
            self.assertEqual(done.returncode, 1)
            self.assertIn("this machine has no licence dongle", done.stdout)
            self.assertEqual(self.states(self.root), OLD)

    def test_abort_fails_and_the_old_release_repairs(self) -> None:
        self.install(self.root, self.old)
        done = self.dpkg(self.root, self.release("12.6.5", "abort-fails"))
        self.assertIn("can't take the upgrade to 12.6.5-1 back", done.stdout)
        self.assertEqual(self.states(self.root)["server"], "12.5.0-1 unpacked")
        self.install(self.root, self.old)
        self.assertEqual(self.states(self.root), OLD)

    def test_both_ways_fail(self) -> None:
        self.install(self.root, self.old)
        broken = self.release("12.6.3", "both-ways-fail")
        done = self.dpkg(self.root, broken)
        self.assertIn("stopped half-way in data format 99", done.stdout)
        for release, version in ((self.old, "12.5.0"), (broken, "12.6.3"), (self.old, "12.5.0")):
            done = self.dpkg(self.root, release)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{version}: data format 99 is newer than format 1", done.stdout)
            self.assertEqual(self.states(self.root)["server"], f"{version}-1 half-configured")
        with open(f"{self.root}/var/lib/scef-fe/format", "w", encoding="utf-8") as file:
            file.write("1\n")
        self.install(self.root, self.old)
        self.assertEqual(self.states(self.root), OLD)

    def test_daemon_holds_the_pipe_after_dpkg_has_ended(self) -> None:
        release = self.release("12.6.4", "daemon-in-postinst", "--seconds", "60")
        self.addCleanup(self.kill_left_over, self.root)
        child = self.begin(
            [*dpkg_arguments(self.root), "-i", *self.packages(release)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.assertEqual(child.wait(30), 0)
        assert child.stdout
        output = b""
        while select.select([child.stdout], [], [], 0)[0]:
            output += os.read(child.stdout.fileno(), 65536)
        self.assertIn(b"left a daemon running", output)
        # No end of file yet: a reader that waits for it would wait for the daemon.
        self.assertEqual(select.select([child.stdout], [], [], 0.2)[0], [])
        self.kill_left_over(self.root)
        self.assertEqual(select.select([child.stdout], [], [], 10)[0], [child.stdout])
        self.assertEqual(os.read(child.stdout.fileno(), 1), b"")

    def test_killed_dpkg_leaves_half_configured_and_the_old_release_repairs(self) -> None:
        self.install(self.root, self.old)
        release = self.release("12.6.6", "slow-postinst", "--seconds", "30")
        child = self.begin(
            [*dpkg_arguments(self.root), "-i", *self.packages(release)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert child.stdout
        for line in child.stdout:
            if "settling for 30 s" in line:
                break
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        self.assertEqual(self.states(self.root)["server"], "12.6.6-1 half-configured")
        self.install(self.root, self.old)
        self.assertEqual(self.states(self.root), OLD)

    def test_full_disk_leaves_the_old_release(self) -> None:
        release = self.release("12.6.7", "big", "--big-megabytes", "8")
        script = (
            'root=$1; shift; old=$1; shift; mount -t tmpfs -o size=4m tmpfs "$root" || exit 77; '
            'mkdir -p "$root"/var/lib/dpkg/updates "$root"/var/lib/dpkg/info "$root"/var/log; '
            ': >"$root"/var/lib/dpkg/status; "$@" -i "$old"/packages/*.deb || exit 78; '
            '"$@" -i "$new"/packages/*.deb; echo "dpkg ended with $?"; '
            'dpkg-query --admindir="$root"/var/lib/dpkg -W'
        )
        words = ["sh", "-c", f"new={release}; {script}", "sh", self.root, self.old]
        done = self.run_program(["unshare", "-rm", *words, *dpkg_arguments(self.root)])
        if done.returncode in (1, 77) and "dpkg ended" not in done.stdout:
            self.skipTest(f"no private mounts here: {done.stdout}")
        self.assertIn("No space left on device", done.stdout)
        self.assertIn("dpkg ended with 1", done.stdout)
        self.assertRegex(done.stdout, r"scef-fe-common\s+12\.5\.0-1")


class ReleaseTests(Lab):
    """The release descriptions that go with the packages."""

    def test_descriptions_are_complete_and_use_documented_keys(self) -> None:
        with open(f"{REPOSITORY}/Docs/release-yaml.md", encoding="utf-8") as file:
            documented = set(re.findall(r"`([a-z-]+)`", file.read()))
        for product in ("cmp", "scef-fe", "database"):
            folder = self.path(product)
            done = self.run_program(
                [f"{self.demo}/make-packages", "--product", product, "--version", "12.6.0"]
                + ["--previous", "12.5.0", "--minimum-cmp", "12.6.0", "--output", folder]
            )
            self.assertEqual(done.returncode, 0, done.stdout)
            text = _bytes(f"{folder}/release.yaml").decode()
            body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
            self.assertNotIn("@", body)
            keys = set(re.findall(r"^[ -]*([a-z-]+):", body, re.MULTILINE))
            self.assertLessEqual(keys, documented)
            for name in re.findall(r"(?:packages|hooks)/\S+", body):
                self.assertTrue(os.path.isfile(f"{folder}/{name}"), name)
            for name in re.findall(r"hooks/\S+", body):
                self.assertTrue(os.access(f"{folder}/{name}", os.X_OK), name)

    def test_installed_service_answers_the_build_id_of_its_release(self) -> None:
        release = self.release("12.6.0")
        text = _bytes(f"{release}/release.yaml").decode()
        build = re.findall(r"^build-id: (\S+)$", text, re.MULTILINE)[0]
        root = self.make_roots("a")[0]
        self.install(root, release)
        self.start_init(root)
        hook = [f"{release}/hooks/identify"]
        eventually(lambda: self.run_program(hook, root).returncode == 0, "the product answers")
        self.assertEqual(self.run_program(hook, root).stdout, f"{build}\n")


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


if __name__ == "__main__":
    unittest.main()
