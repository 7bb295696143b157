"""The demo's init: restarts, watchdog, orphans, power losses, and nothing left behind."""

import os
import signal
import time
import unittest
from functools import partial

from lab import PRODUCT, Lab, eventually, is_alive

AGENT = """#!/bin/sh
# Stands for the agent: says it is ready, leaves an orphan in a session of its own, then MODE.
echo $$ >>"$TANDEM_ROOT/agent-pids"
setsid sh -c 'echo $$ >>"$TANDEM_ROOT/orphan-pids"; exec sleep 600' &
/usr/bin/python3 -IS -c '
import os, socket, sys, time
channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
channel.connect(os.environ["NOTIFY_SOCKET"])
channel.send(b"READY=1")
while sys.argv[1] == "lively":
    time.sleep(0.1)
    channel.send(b"WATCHDOG=1")
' MODE
exec sleep 600
"""


class InitTests(Lab):
    """One server with an agent that is a shell script."""

    def start(self, mode: str, **options: str) -> int:
        """Starts the server; returns the pid of its init."""
        self.root = self.make_roots("a", "b")[0]
        self.agent = self.path("agent")
        with open(self.agent, "w", encoding="utf-8") as file:
            file.write(AGENT.replace("MODE", mode))
        os.chmod(self.agent, 0o755)
        return self.start_init(self.root, self.agent, **options).pid

    def pids(self, name: str, count: int) -> list[int]:
        """The pids that the script has written, once there are so many."""

        def read() -> list[int] | None:
            try:
                with open(f"{self.root}/{name}-pids", encoding="utf-8") as file:
                    found = [int(line) for line in file]
            except (FileNotFoundError, ValueError):
                return None
            return found if len(found) >= count else None

        return eventually(read, f"{count} {name}s")

    def wait_active(self, name: str) -> None:
        """Until a unit is active."""
        eventually(lambda: self.init(self.root, f"is-active {name}")["state"] == "active", name)

    def test_agent_comes_back_and_its_children_live_on(self) -> None:
        self.start("lively")
        (first,), (orphan,) = self.pids("agent", 1), self.pids("orphan", 1)
        os.kill(first, signal.SIGKILL)
        second = self.pids("agent", 2)[1]
        self.assertNotEqual(first, second)
        self.assertTrue(is_alive(orphan))

    def test_silent_agent_is_killed(self) -> None:
        self.start("silent", **{"watchdog-seconds": "0.5"})
        first, second = self.pids("agent", 2)[:2]
        self.assertFalse(is_alive(first))
        with open(f"{self.root}/var/log/demo-init.log", encoding="utf-8") as file:
            log = file.read()
        self.assertIn("tandem-agent: silent for 0.5 s, killed", log)
        self.assertIn(f"tandem-agent: {first} killed by signal 9", log)

    def test_lively_agent_is_left_alone(self) -> None:
        self.start("lively", **{"watchdog-seconds": "0.5"})
        self.wait_active("tandem-agent")
        status = self.init(self.root, "status")["tandem-agent"]
        until = time.monotonic() + 1.2
        eventually(lambda: time.monotonic() > until, "more than twice the watchdog's time")
        self.assertEqual(self.init(self.root, "status")["tandem-agent"], status)

    def test_orphans_become_children_of_init(self) -> None:
        init = self.start("lively")
        (agent,), (orphan,) = self.pids("agent", 1), self.pids("orphan", 1)
        os.kill(agent, signal.SIGKILL)
        self.pids("agent", 2)
        eventually(lambda: _parent(orphan) == init, "init takes the orphan in")
        os.kill(orphan, signal.SIGKILL)
        eventually(lambda: not os.path.exists(f"/proc/{orphan}"), "init takes its end in")

    def test_power_loss_kills_everything_and_the_boot_is_another(self) -> None:
        self.start("lively")
        (agent,), (orphan,) = self.pids("agent", 1), self.pids("orphan", 1)
        before = self.init(self.root, "status")["boot-id"]
        with open(f"{self.root}/run/left-over", "w", encoding="utf-8"):
            pass
        os.mkdir(f"{self.root}/run/folder")
        self.assertEqual(self.init(self.root, "power-off")["result"], "ok")
        self.assertFalse(is_alive(agent) or is_alive(orphan))
        self.assertEqual(self.init(self.root, "status")["power"], "off")
        self.assertEqual(self.init(self.root, "start tandem-agent")["result"], "failed")
        self.assertEqual(self.init(self.root, "power-on")["result"], "ok")
        self.pids("agent", 2)
        with open(f"{self.root}/run/demo-init/boot-id", encoding="utf-8") as file:
            self.assertNotEqual(file.read().strip(), before)
        self.assertEqual(os.listdir(f"{self.root}/run"), ["demo-init"])

    def test_end_leaves_nothing(self) -> None:
        init = self.start("lively")
        (agent,), (orphan,) = self.pids("agent", 1), self.pids("orphan", 1)
        os.kill(init, signal.SIGTERM)
        for pid in (init, agent, orphan):
            eventually(partial(_is_gone, pid), f"the end of {pid}")
        self.assertEqual(os.listdir(f"{self.root}/run/demo-init"), [])

    def test_killed_init_takes_its_children_along(self) -> None:
        init = self.start("lively")
        (agent,), (orphan,) = self.pids("agent", 1), self.pids("orphan", 1)
        os.kill(init, signal.SIGKILL)
        eventually(partial(_is_gone, agent), "the agent ends with its init")
        os.kill(orphan, signal.SIGKILL)

    def test_two_inits_of_one_root_are_refused(self) -> None:
        self.start("lively")
        done = self.run_program([f"{self.demo}/demo-init", "--root", self.root])
        self.assertEqual(done.returncode, 1)
        self.assertIn("another one runs", done.stdout)

    def test_crashed_service_is_started_again_as_standby(self) -> None:
        self.start("lively")
        self.install(self.root, self.release("12.5.0"))
        self.init(self.root, f"start {PRODUCT}")
        self.service(self.root, "promote")
        pid = int(self.service(self.root, "status")["pid"])
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not is_alive(pid), "its end")
        eventually(lambda: self.service_is_up(self.root), "its restart")
        self.assertEqual(self.service(self.root, "status")["role"], "standby")

    def test_long_root_is_no_obstacle(self) -> None:
        deep = self.path("x" * 90)
        done = self.run_program([f"{self.demo}/server-root", deep, "a"])
        self.assertEqual(done.returncode, 0, done.stdout)
        root = os.path.join(deep, "a")
        self.install(root, self.release("12.5.0"))
        self.start_init(root)
        eventually(lambda: self.service_is_up(root), "the service")
        hook = f"{self.demo}/hooks/apply-configuration"
        self.assertEqual(self.run_program([hook, "--observe"], root).stdout, "taken over\n")


class ServiceControlTests(Lab):
    """What the agent calls."""

    def control(self, *words: str) -> int:
        """Its exit code."""
        return self.run_program([f"{self.demo}/service-control", *words], self.root).returncode

    def test_exit_codes(self) -> None:
        self.root = self.make_roots("a", "b")[0]
        self.assertEqual(self.control("start", PRODUCT), 1, "nobody to ask")
        self.start_init(self.root)
        self.assertEqual(self.control("start", PRODUCT), 1, "no such unit")
        self.assertEqual(self.control("stop", PRODUCT), 0, "what is not there does not run")
        self.assertEqual(self.control("is-active", PRODUCT), 3)
        self.install(self.root, self.release("12.5.0"))
        self.assertEqual(self.control("start", PRODUCT), 0)
        self.assertEqual(self.control("start", PRODUCT), 0, "again")
        self.assertEqual(self.control("is-active", PRODUCT), 0)
        self.assertEqual(self.control("restart", PRODUCT), 0)
        self.assertEqual(self.control("stop", PRODUCT), 0)
        self.assertEqual(self.control("is-active", PRODUCT), 3)
        for words in ((), ("start",), ("start", "a b"), ("start", "../x"), ("frob", PRODUCT)):
            self.assertEqual(self.control(*words), 1, words)

    def test_service_that_cannot_start_is_told_with_its_log(self) -> None:
        self.root = self.make_roots("a", "b")[0]
        self.install(self.root, self.release("12.5.0"))
        self.start_init(self.root)
        os.remove(f"{self.root}/etc/tandem-demo/server.conf")
        done = self.run_program([f"{self.demo}/service-control", "restart", PRODUCT], self.root)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"before it was ready; see {self.root}/var/log/{PRODUCT}.log", done.stdout)


def _is_gone(pid: int) -> bool:
    return not is_alive(pid)


def _parent(pid: int) -> int:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return int(file.read().rpartition(")")[2].split()[1])


if __name__ == "__main__":
    unittest.main()
