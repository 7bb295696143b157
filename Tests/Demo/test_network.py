"""The demo's whole network, without controller and agents."""

import json
import os
import signal
import subprocess
import unittest

from lab import Lab, eventually, is_alive

SCRIPT = """
import json, os, signal, subprocess, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from tandem_demo import network, packages, release
net = network.Network(sys.argv[2])
pids = []
try:
    for cluster in net.clusters:
        recipe = packages.Recipe(cluster.kind, "12.5.0")
        net.make_cluster(cluster, net.build_release(recipe, release.Surroundings()))
        for server in cluster.servers:
            identity = network.Identity("0" * 32, "/c", "/k", "/a", "/t")
            net.configure_agent(server, identity, ["127.0.0.1:1"], "/d")
            net.start(server, ["/bin/sleep", "600"])
        net.promote(cluster.servers[0])
    probe = subprocess.Popen(
        net.probe_arguments(sys.argv[2] + "/gaps.json") + ["--die-with-parent"],
        stdout=subprocess.PIPE, text=True,
    )
    seen = sorted(probe.stdout.readline().split(" ", 1)[1].strip() for _ in net.clusters)
    print(json.dumps({
        "seen": seen, "pids": [child.pid for child in net.inits.values()] + [probe.pid],
    }), flush=True)
    sys.stdin.readline()
    probe.send_signal(signal.SIGTERM)
    probe.wait()
finally:
    net.end()
"""


class NetworkTests(Lab):
    """Three clusters at once."""

    def start(self) -> tuple["subprocess.Popen[str]", list[int]]:
        """The network in a process of its own, and the processes it says it began."""
        child = self.begin(
            ["/usr/bin/python3", "-c", SCRIPT, self.demo, self.path("net")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert child.stdout
        report = json.loads(child.stdout.readline())
        names = ["cmp", "database", "scef-fe"]
        self.assertEqual(report["seen"], [f"{kind}-a: {kind}-1 12.5.0 answers" for kind in names])
        self.assertEqual(len(report["pids"]), 7)
        return child, report["pids"]

    def test_starts_serves_and_ends(self) -> None:
        child, pids = self.start()
        with open(self.path("net/servers/database-2/agent.conf"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn(f"root = {self.path('net/servers/database-2/root')}\n", text)
        self.assertIn("server = database-2\n", text)
        child.communicate("\n", timeout=30)
        self.assertEqual(child.returncode, 0)
        self.assertEqual([pid for pid in pids if is_alive(pid)], [])
        self.assertTrue(os.path.exists(self.path("net/gaps.json")))

    def test_nothing_outlives_a_killed_demo(self) -> None:
        child, pids = self.start()
        os.kill(child.pid, signal.SIGKILL)
        eventually(lambda: not [pid for pid in pids if is_alive(pid)], "the end of all", 30)


if __name__ == "__main__":
    unittest.main()
