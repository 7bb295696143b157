"""Looks past Tandem, all the time: who has the service address, and whether it answers."""

import json
import os
import threading
import time
from collections.abc import Mapping

from tandem_lab import commands, wires
from tandem_lab.plan import REPOSITORY, Cluster
from tandem_lab.products import SERVICE_PORT

from tandem_demo.daemons import GapProbe  # isort: skip  (its folder is put on the path above)

LOOK_SECONDS = 0.1


class Witness:
    """Of one cluster, from `begin` to `end`."""

    def __init__(self, cluster: Cluster, folder: str) -> None:
        self.cluster = cluster
        os.makedirs(folder, exist_ok=True)
        self.probe = GapProbe(folder)
        self.summary = os.path.join(folder, "gaps.json")
        self.longest_double = 0.0
        """Seconds for which two servers had the address at once."""
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def begin(self) -> None:
        """Starts to look."""
        address = f"{self.cluster.name}={self.cluster.service_address}:{SERVICE_PORT}"
        probe = os.path.join(REPOSITORY, "Deploy/demo/probe")
        words = ["ip", "netns", "exec", wires.SWITCH, probe, "--json", self.summary, address]
        self.probe.open(words, commands.ENVIRONMENT)
        self._thread.start()

    def end(self) -> None:
        """Looks no longer."""
        self._ends.set()
        self._thread.join()
        self.probe.end()

    def bearers(self) -> list[str]:
        """The servers that have the service address on their cards."""
        found = []
        for server in self.cluster.servers:
            code, said = commands.ask(
                "ip", "-n", wires.namespace(server), "-j", "addr", "show", "dev", "eth0"
            )
            if code == 0 and _has(said, self.cluster.service_address):
                found.append(server.name)
        return found

    def outage_seconds(self) -> float:
        """How long nobody answered at most, since the last `mark`."""
        tallies: Mapping[str, Mapping[str, float]] = self.probe.interval(self._interval)
        return tallies[self.cluster.name]["longest-outage-milliseconds"] / 1000

    def mark(self, label: str) -> None:
        """Begins to count anew."""
        self._interval = self.probe.begin(label)

    def close_interval(self) -> None:
        """Ends what `outage_seconds` tells of."""
        self.probe.begin("after")

    def _look(self) -> None:
        double_since: float | None = None
        while not self._ends.wait(LOOK_SECONDS):
            now = time.monotonic()
            if len(self.bearers()) > 1:
                double_since = double_since or now
                self.longest_double = max(self.longest_double, now - double_since)
            else:
                double_since = None


def _has(answer: str, address: str) -> bool:
    try:
        cards = json.loads(answer)
    except ValueError:
        return False
    return any(entry.get("local") == address for card in cards for entry in card.get("addr_info", []))


def service_answers(cluster: Cluster) -> str:
    """Which server and version answer on the service address; empty if none does."""
    code, said = commands.ask(
        *("ip", "netns", "exec", wires.SWITCH, "python3", "-c", ASK),
        *(cluster.service_address, str(SERVICE_PORT)),
        limit=5,
    )
    return said if code == 0 else ""


ASK = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 2) as channel:
    channel.sendall(b"probe\\n")
    facts = dict(word.partition("=")[::2] for word in channel.makefile().readline().split())
print(facts["server"], facts["version"])
"""
