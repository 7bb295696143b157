"""Two real services of one cluster: the kernel as referee, and what the probe measures."""

import json
import os
import signal
import socket
import subprocess
import time
import unittest

from lab import PRODUCT, Lab, eventually


class ServiceTests(Lab):
    """A cluster of two servers, each with its init."""

    def setUp(self) -> None:
        super().setUp()
        self.a, self.b = self.start_cluster("a", "b")

    def test_one_active_and_the_kernel_refuses_the_second(self) -> None:
        self.assertEqual(self.service(self.a, "status")["peer-role"], "other")
        self.assertEqual(self.service(self.a, "promote")["result"], "ok")
        second = self.service(self.b, "promote")
        self.assertEqual((second["result"], second["reason"]), ("refused", "address-in-use"))
        one, other = self.service(self.a, "status"), self.service(self.b, "status")
        self.assertEqual((one["role"], one["in-service"]), ("active", "yes"))
        self.assertEqual(one["peer-role"], "other")
        self.assertEqual((other["role"], other["in-service"]), ("standby", "no"))
        self.assertEqual((other["peer-role"], other["holder"]), ("active", "a"))
        self.assertEqual(one["token"], other["token"])
        self.assertEqual(self.service(self.a, "promote")["text"], "is active already")

    def test_token_outlives_demotion_and_guards_promotion(self) -> None:
        first = self.service(self.a, "promote")["token"]
        self.assertEqual(self.service(self.b, "status")["token"], first)
        self.service(self.a, "demote")
        self.assertEqual(self.service(self.b, "status")["token"], first)
        second = self.service(self.b, f"promote {first}")["token"]
        self.assertNotEqual(second, first)
        self.service(self.a, "status")
        self.service(self.b, "demote")
        late = self.service(self.a, f"promote {first}")
        self.assertEqual((late["result"], late["reason"]), ("refused", "token"))
        self.assertEqual(self.service(self.a, f"promote {second}")["result"], "ok")

    def test_hold_refuses_promotion_and_outlives_a_restart(self) -> None:
        self.service(self.a, "hold")
        self.assertEqual(self.init(self.a, f"restart {PRODUCT}")["result"], "ok")
        self.assertEqual(self.service(self.a, "status")["held"], "yes")
        self.assertEqual(self.service(self.a, "promote")["reason"], "held")
        self.service(self.a, "unhold")
        self.assertEqual(self.service(self.a, "promote")["result"], "ok")

    def test_demotion_survives_a_reboot(self) -> None:
        token = self.service(self.a, "promote")["token"]
        self.assertEqual(self.init(self.a, "reboot")["result"], "ok")
        eventually(lambda: self.service_is_up(self.a), "the service after the reboot")
        status = self.service(self.a, "status")
        self.assertEqual((status["role"], status["holder"]), ("standby", "none"))
        self.assertEqual(status["token"], token)

    def test_silent_holder_is_neither_free_nor_a_peer(self) -> None:
        self.service(self.a, "promote")
        pid = int(self.service(self.a, "status")["pid"])
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        status = self.service(self.b, "status")
        self.assertEqual((status["holder"], status["peer-role"]), ("silent", "unseen"))
        self.assertEqual(self.service(self.b, "promote")["reason"], "address-in-use")

    def test_address_is_free_at_once_whoever_was_connected(self) -> None:
        host, port = self.settings(self.a)["service-address"].split(":")
        for ending in ("demote", "kill"):
            self.assertEqual(self.service(self.a, "promote")["result"], "ok")
            with socket.create_connection((host, int(port))) as client:
                client.sendall(b"probe\n")
                self.assertIn(b"server=a ", client.recv(1024))
                # This one closes first, the other one is open at the end.
                with socket.create_connection((host, int(port))) as other:
                    other.sendall(b"status\n")
                if ending == "demote":
                    self.service(self.a, "demote")
                else:
                    self.kill_service(self.a)
                self.assertEqual(self.service(self.b, "promote")["result"], "ok")
                self.assertEqual(self.service(self.b, "demote")["result"], "ok")

    def kill_service(self, root: str) -> None:
        """Kills the product of a server and waits for its end."""
        pid = int(self.service(root, "status")["pid"])
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not os.path.exists(f"/proc/{pid}"), "its end")

    def test_bad_configuration_is_refused_and_the_old_one_stays(self) -> None:
        path = f"{self.a}/etc/{PRODUCT}/cluster.conf"
        self.assertEqual(self.service(self.a, "status")["configuration-digest"], "none")
        _write(path, "limit = 5\n")
        digest = self.service(self.a, "reload")["configuration-digest"]
        self.assertEqual(len(digest), 64)
        _write(path, "limit\n")
        refused = self.service(self.a, "reload")
        self.assertEqual((refused["result"], refused["reason"]), ("failed", "configuration"))
        self.assertEqual(self.service(self.a, "status")["configuration-digest"], digest)

    def test_starts_fast_and_ends_on_sigterm(self) -> None:
        self.assertEqual(self.init(self.a, f"stop {PRODUCT}")["result"], "ok")
        times = []
        for _ in range(5):
            began = time.monotonic()
            self.assertEqual(self.init(self.a, f"start {PRODUCT}")["result"], "ok")
            times.append(time.monotonic() - began)
            self.assertEqual(self.init(self.a, f"stop {PRODUCT}")["result"], "ok")
        # The best of five: this machine may be busy with other things.
        self.assertLess(min(times), 0.2)

    def test_hooks_tell_the_truth(self) -> None:
        hooks = f"{self.demo}/hooks"
        apply = f"{hooks}/apply-configuration"
        path = f"{self.a}/etc/{PRODUCT}/cluster.conf"

        def code(*words: str) -> int:
            return self.run_program(words, self.a).returncode

        self.assertEqual(code(f"{hooks}/health"), 0)
        self.assertEqual(code(apply, "--observe"), 0)
        _write(path, "limit = 7\n")
        self.assertEqual(code(apply, "--observe"), 1)
        self.assertEqual([code(apply), code(apply, "--observe")], [0, 0])
        _write(path, "limit\n")
        self.assertEqual(code(apply), 1)
        self.service(self.a, "illness the index is corrupt")
        done = self.run_program([f"{hooks}/health"], self.a)
        self.assertEqual(done.returncode, 2)
        self.assertIn("CRITICAL: scef-fe 12.5.0: the index is corrupt", done.stdout)
        self.init(self.a, f"stop {PRODUCT}")
        self.assertEqual([code(f"{hooks}/identify"), code(f"{hooks}/health")], [1, 2])
        self.assertEqual(code(apply), 0)
        migrate = [f"{hooks}/migrate", PRODUCT]
        observe = [f"{hooks}/migrate", "--observe", PRODUCT]
        self.assertEqual(code(*observe, "forward"), 1)
        self.assertEqual(code(*migrate, "forward"), 0)
        self.assertEqual([code(*observe, "forward"), code(*observe, "back")], [0, 1])
        self.assertEqual(code(*migrate, "back"), 0)
        self.assertEqual([code(*observe, "forward"), code(*observe, "back")], [1, 0])


class SickTests(Lab):
    """A release that installs and starts, and is ill."""

    def test_sick_release_answers_and_is_critical(self) -> None:
        root = self.make_roots("a")[0]
        self.install(root, self.release("12.6.8", "sick"))
        self.start_init(root)
        eventually(lambda: self.service_is_up(root), "the service")
        # One server alone serves as soon as it runs.
        self.assertEqual(self.service(root, "status")["role"], "active")
        done = self.run_program([f"{self.demo}/hooks/health"], root)
        self.assertEqual(done.returncode, 2)
        self.assertIn("the subscriber index is corrupt", done.stdout)


class ProbeTests(Lab):
    """The probe against real failovers."""

    def test_probe_tells_each_failover_and_its_gap(self) -> None:
        a, b = self.start_cluster("a", "b")
        address = self.settings(a)["service-address"]
        self.service(a, "promote")
        probe = self.begin(
            [f"{self.demo}/probe", "--json", self.path("gaps.json"), f"one={address}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert probe.stdin and probe.stdout
        self.assertIn("one: a 12.5.0 answers", probe.stdout.readline())
        began = time.monotonic()
        self.service(a, "demote")
        demoted = time.monotonic()
        eventually(lambda: time.monotonic() > demoted + 0.1, "a tenth of a second")
        promoting = time.monotonic()
        self.service(b, "promote")
        ended = time.monotonic()
        self.assertIn("a 12.5.0 -> b 12.5.0", probe.stdout.readline())
        probe.stdin.write("interval back\n")
        probe.stdin.flush()
        self.assertRegex(probe.stdout.readline(), r"one: longest gap \d+ ms \(start\)")
        self.service(b, "demote")
        self.service(a, "promote")
        self.assertIn("b 12.5.0 -> a 12.5.0", probe.stdout.readline())
        self.assertEqual(self.finish(probe), 0)

        with open(self.path("gaps.json"), encoding="utf-8") as file:
            start, back = json.load(file)["intervals"]
        self.assertEqual((start["label"], back["label"]), ("start", "back"))
        (change,) = start["addresses"]["one"]["changes"]
        self.assertEqual((change["from"], change["to"]), ("a 12.5.0", "b 12.5.0"))
        # The true gap lies between what we saw and what the probe says it surely was not more than.
        slack = 100 + change["probe-late-milliseconds"]
        self.assertGreaterEqual(change["gap-milliseconds"], (promoting - demoted) * 1000)
        self.assertLessEqual(change["down-milliseconds"], (ended - began) * 1000 + slack)
        self.assertEqual(start["addresses"]["one"]["longest-gap"], change)
        self.assertEqual(len(back["addresses"]["one"]["changes"]), 1)

    def test_probe_notices_a_gap_of_ten_milliseconds(self) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            address = f"one=127.0.0.1:{listener.getsockname()[1]}"
            probe = self.begin([f"{self.demo}/probe", address], stdout=subprocess.PIPE)
            for pause in (0.0, 0.01):
                time.sleep(pause)  # The gap itself: nobody answers for so long.
                with listener.accept()[0] as channel:
                    for _ in range(3):
                        channel.recv(64)
                        channel.sendall(b"server=x version=1\n")
            probe.terminate()
            output = probe.communicate(timeout=20)[0]
        summary = json.loads(output.splitlines()[-1])
        tally = summary["intervals"][0]["addresses"]["one"]
        self.assertGreaterEqual(tally["outages"], 1)
        self.assertGreaterEqual(tally["longest-outage-milliseconds"], 9)
        self.assertGreaterEqual(tally["longest-gap"]["gap-milliseconds"], 10)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    unittest.main()
