"""Looks past Tandem, all the time: who serves, whether anybody does, and what clients are told."""

import abc
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import Any

from tandem_lab import commands, databases, receipts, wires
from tandem_lab.plan import HERE, REPOSITORY, Cluster
from tandem_lab.products import SERVICE_PORT

from tandem_demo.daemons import Daemon, GapProbe  # isort: skip  (its folder is put on the path above)



class Witness(abc.ABC):
    """Of one cluster, from `begin` to `end`."""

    look_seconds = 0.25

    def __init__(self, cluster: Cluster, folder: str) -> None:
        self.cluster = cluster
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.longest_double = 0.0
        """Seconds for which two servers served at once."""
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def begin(self) -> None:
        """Starts to look."""
        self._thread.start()

    def end(self) -> None:
        """Looks no longer."""
        self._ends.set()
        self._thread.join()

    @abc.abstractmethod
    def bearers(self) -> list[str]:
        """The servers that serve, as far as anybody can say."""

    @abc.abstractmethod
    def mark(self, label: str) -> None:
        """Begins to count anew."""

    @abc.abstractmethod
    def outage_seconds(self) -> float:
        """How long nobody served at most, since the last `mark`; ends what it counts."""

    @abc.abstractmethod
    def answers(self) -> bool:
        """Whether the service answers now."""

    def losses(self) -> list[str]:
        """What clients were told and is not so; for a cluster that is whole."""
        return []

    def _look(self) -> None:
        double_since: float | None = None
        while not self._ends.wait(self.look_seconds):
            now = time.monotonic()
            if len(self.bearers()) > 1:
                double_since = double_since or now
                self.longest_double = max(self.longest_double, now - double_since)
            else:
                double_since = None


class AddressWitness(Witness):
    """Of a product that answers on one address, which may move."""

    def __init__(self, cluster: Cluster, folder: str) -> None:
        super().__init__(cluster, folder)
        self.probe = GapProbe(folder)

    def begin(self) -> None:
        """Starts to look."""
        address = f"{self.cluster.name}={self.cluster.entry}:{SERVICE_PORT}"
        probe = os.path.join(REPOSITORY, "Deploy/demo/probe")
        words = ["ip", "netns", "exec", wires.SWITCH, probe, "--json"]
        words += [os.path.join(self.folder, "gaps.json"), address]
        self.probe.open(words, commands.ENVIRONMENT)
        super().begin()

    def end(self) -> None:
        """Looks no longer."""
        super().end()
        self.probe.end()

    def bearers(self) -> list[str]:
        """The servers that have the service address on their cards."""
        found = []
        for server in self.cluster.servers:
            code, said = commands.ask(
                "ip", "-n", wires.namespace(server), "-j", "addr", "show", "dev", "eth0"
            )
            if code == 0 and _has(said, self.cluster.entry):
                found.append(server.name)
        return found

    def mark(self, label: str) -> None:
        """Begins to count anew."""
        self._interval = self.probe.begin(label)

    def outage_seconds(self) -> float:
        """How long nobody answered at most."""
        self.probe.begin("after")
        tally: Mapping[str, Any] = self.probe.interval(self._interval)[self.cluster.name]
        gap = tally["longest-gap"] or {"gap-milliseconds": 0, "probe-late-milliseconds": 0}
        between = gap["gap-milliseconds"] - gap["probe-late-milliseconds"]
        return float(max(tally["longest-outage-milliseconds"], between)) / 1000

    def answers(self) -> bool:
        """Whether the address answers now."""
        return bool(service_answers(self.cluster))


class RowWitness(Witness):
    """Of a database: a client that writes all the time, and looks which server takes writes."""

    look_seconds = 1.0
    """Two that both take writes are seen by the receipts."""

    def __init__(self, cluster: Cluster, folder: str) -> None:
        super().__init__(cluster, folder)
        self.writer = Daemon(os.path.join(folder, "writer.log"))
        self.file = os.path.join(folder, "receipts")
        self._began = 0.0

    def begin(self) -> None:
        """Starts to write and to look."""
        open(self.file, "w", encoding="ascii").close()
        words = ["ip", "netns", "exec", wires.SWITCH, os.path.join(HERE, "writer"), self.file]
        words += [f"{server.name}={server.address}" for server in self.cluster.servers]
        self.writer.start(words, commands.ENVIRONMENT, subprocess.DEVNULL)
        super().begin()

    def end(self) -> None:
        """Writes and looks no longer."""
        super().end()
        self.writer.end()

    def bearers(self) -> list[str]:
        """The servers whose database takes writes."""
        return [server.name for server in databases.writable(self.cluster)]

    def mark(self, label: str) -> None:
        """Begins to count anew."""
        self._began = time.monotonic()

    def outage_seconds(self) -> float:
        """The longest time without a receipt."""
        return receipts.longest_gap(receipts.read(self.file), self._began, time.monotonic())

    def answers(self) -> bool:
        """Whether a row was written in the last two seconds."""
        newest = receipts.read(self.file)[-1:]
        return bool(newest) and time.monotonic() - newest[0].at < 2

    def losses(self) -> list[str]:
        """Rows that were acknowledged and are not there; two servers that both took writes."""
        told = receipts.read(self.file)
        found = receipts.doubles(told)[:3]
        actives = databases.writable(self.cluster)
        if len(actives) != 1:
            return [*found, f"{len(actives)} servers take writes"]
        kept = databases.rows(actives[0])
        missing = {receipt.row for receipt in told} - kept
        if synchronous := missing & receipts.synchronous_rows(told):
            found.append(f"{len(synchronous)} rows lost that had waited for a standby")
        self.lost_alone = len(missing - synchronous)
        return found

    lost_alone = 0
    """Rows lost of those that were acknowledged while commits waited for nobody."""


def of(cluster: Cluster, folder: str) -> Witness:
    """The witness for a cluster's kind of service."""
    return RowWitness(cluster, folder) if cluster.is_database else AddressWitness(cluster, folder)


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
        *(cluster.entry, str(SERVICE_PORT)),
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
