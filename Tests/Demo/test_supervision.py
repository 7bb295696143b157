"""Whatever ends the demo, and however: no process and no folder is left of it."""

import os
import signal
import subprocess
import tempfile
import unittest

from lab import Lab, eventually, is_alive

SCRIPT = """
import os, subprocess, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from tandem_demo import supervision

def body(runner):
    orphan = "setsid sleep 600 >/dev/null 2>&1 & echo $!"
    done = subprocess.run(["/bin/sh", "-c", orphan], stdout=subprocess.PIPE, text=True)
    child = subprocess.Popen(["/bin/sleep", "600"])
    with open(os.path.join(runner.folder, "file"), "w") as file:
        file.write("x")
    print(os.getpid(), child.pid, done.stdout.strip(), flush=True)
    match sys.argv[3]:
        case "end":
            return 7
        case "keep":
            runner.keep(5)
        case "raise":
            raise ValueError("on purpose")
    child.wait()
    return 0

os.mkdir(sys.argv[2])
sys.exit(supervision.supervise(sys.argv[2], body))
"""
STOP = """
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from tandem_demo import supervision
print(supervision.stop(sys.argv[2]))
"""


class SupervisionTests(Lab):
    """A front and a runner with a child and an orphan."""

    def start(self, how: str) -> tuple["subprocess.Popen[str]", list[int]]:
        """Returns the front, and the pids of runner, child and orphan."""
        # In a file: a process of the demo would keep a pipe open, and the test waiting.
        log = tempfile.TemporaryFile("w+")
        self.addCleanup(log.close)
        child = self.begin(
            ["/usr/bin/python3", "-c", SCRIPT, self.demo, self.path("net"), how],
            stdout=log,
            stderr=subprocess.STDOUT,
        )

        def pids() -> list[int] | None:
            text = os.pread(log.fileno(), 4096, 0).decode()
            return [int(word) for word in text.split("\n")[0].split()] if "\n" in text else None

        return child, eventually(pids, "the first line")

    def assert_nothing_left(self, pids: list[int]) -> None:
        """All are gone, and so is the folder."""
        eventually(lambda: not [pid for pid in pids if is_alive(pid)], f"the end of {pids}")
        eventually(lambda: not os.path.exists(self.path("net")), "the end of the folder")

    def test_its_end_and_its_exit_code(self) -> None:
        child, pids = self.start("end")
        self.assertEqual(child.wait(20), 7)
        self.assert_nothing_left(pids)

    def test_an_error(self) -> None:
        child, pids = self.start("raise")
        self.assertEqual(child.wait(20), 1)
        self.assert_nothing_left(pids)

    def test_signals_to_the_front(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                child, pids = self.start("wait")
                child.send_signal(number)
                self.assertEqual(child.wait(20), 130)
                self.assert_nothing_left(pids)

    def test_a_killed_front(self) -> None:
        child, pids = self.start("wait")
        child.kill()
        child.wait()
        self.assert_nothing_left(pids)

    def test_a_killed_runner(self) -> None:
        child, pids = self.start("wait")
        os.kill(pids[0], signal.SIGKILL)
        self.assertEqual(child.wait(30), 1)
        self.assert_nothing_left(pids)

    def test_a_kept_demo_lives_until_it_is_stopped(self) -> None:
        child, pids = self.start("keep")
        self.assertEqual(child.wait(20), 5)
        self.assertEqual([pid for pid in pids if not is_alive(pid)], [])
        self.assertTrue(os.path.exists(self.path("net/file")))
        self.assertEqual(self.stop(), "True\n")
        self.assert_nothing_left(pids)
        self.assertEqual(self.stop(), "False\n")

    def test_stop_after_a_kept_demo_was_killed(self) -> None:
        child, pids = self.start("keep")
        child.wait(20)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: not is_alive(pids[0]), "the end of the runner")
        self.assertEqual(self.stop(), "True\n")
        self.assert_nothing_left(pids)

    def stop(self) -> str:
        """What `--stop` does."""
        done = self.run_program(["/usr/bin/python3", "-c", STOP, self.demo, self.path("net")])
        return done.stdout


if __name__ == "__main__":
    unittest.main()
