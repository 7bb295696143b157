"""One run: a peer, an agent with a server of its own, and an `openssl s_client` beside it."""

import os
import socket
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from . import BenchmarkError, certificates, measure
from .peer import Peer

HEARTBEAT_SECONDS = 5
# Connecting, the first reports, and what the agent gives back once it is idle (after 10 s).
SETTLE_SECONDS = 3 * HEARTBEAT_SECONDS
START_LIMIT_SECONDS = 20
WATCHDOG_MICROSECONDS = 10_000_000

DRIVER = """#!/bin/sh
# Shell builtins only: what is measured is one call, not a product.
[ "$1" = status ] || exit 0
printf . >> "$0.calls"
echo role=standby
echo in-service=no
echo peer-role=active
echo caught-up=yes
echo exclusion=referee
echo token=1
"""


@dataclass(frozen=True)
class Result:
    """What a run found; CPU is per minute."""

    seconds: float
    package_count: int
    agent: measure.Memory
    agent_highest_rss: int
    agent_processor: measure.Processor
    agent_descriptors: int
    agent_threads: int
    agent_maps: dict[str, measure.Memory]
    driver_call_count: int
    plain: measure.Memory
    plain_highest_rss: int
    plain_processor: measure.Processor
    plain_descriptors: int
    plain_threads: int
    plain_maps: dict[str, measure.Memory]
    heartbeat_sizes: list[int]


def run(program: str, folder: str, seconds: int, package_count: int) -> Result:
    """Measures a program for so many seconds after it has settled."""
    scene = Scene(program, folder, package_count)
    plain = None
    try:
        scene.agent.await_heartbeat(scene.peer)
        plain = start_plain(scene.authority, scene.peer)
        time.sleep(SETTLE_SECONDS)
        print(f"measuring for {seconds} s", flush=True)
        return _measured(scene.agent, plain, scene.peer, seconds, package_count)
    finally:
        if plain:
            plain.kill()
            plain.wait()
        scene.end()


def watch(program: str, folder: str, body: Callable[[int], None]) -> None:
    """Calls `body` with the process id of an agent that is idle."""
    os.mkdir(folder)
    scene = Scene(program, folder, package_count=500)
    try:
        scene.agent.await_heartbeat(scene.peer)
        time.sleep(SETTLE_SECONDS)
        body(scene.agent.pid)
        scene.agent.check()
    finally:
        scene.end()


class Scene:
    """A peer, and an agent with a server of its own that dials it."""

    def __init__(self, program: str, folder: str, package_count: int) -> None:
        self.authority = certificates.Authority(folder)
        self.authority.issue("controller", "serverAuth,clientAuth", certificates.CONTROLLER)
        agent_id = str(uuid.uuid4())
        for name in ("agent", "mate", "plain"):
            identity = agent_id if name == "agent" else str(uuid.uuid4())
            uri = f"subjectAltName=URI:urn:tandem:agent:{identity}"
            self.authority.issue(name, "clientAuth", uri)
        self.peer = Peer(self.authority, HEARTBEAT_SECONDS * 1000)
        self.agent = Agent(
            program, folder, self.authority, agent_id, self.peer.port, package_count
        )

    def end(self) -> None:
        """Ends the agent and the peer."""
        self.agent.end()
        self.peer.close()


def _measured(
    agent: "Agent",
    plain: subprocess.Popen[bytes],
    peer: Peer,
    seconds: int,
    package_count: int,
) -> Result:
    sent_before = len(peer.heartbeat_sizes())
    calls_before = agent.driver_call_count
    began = time.monotonic()
    before = measure.processor(agent.pid), measure.processor(plain.pid)
    time.sleep(seconds)
    agent.check()
    after = measure.processor(agent.pid), measure.processor(plain.pid)
    elapsed = time.monotonic() - began
    per_minute = [
        measure.Processor(
            (end.own - start.own) * 60 / elapsed, (end.children - start.children) * 60 / elapsed
        )
        for start, end in zip(before, after, strict=True)
    ]
    sizes = peer.heartbeat_sizes()[sent_before:]
    if len(sizes) < seconds // HEARTBEAT_SECONDS - 1:
        raise BenchmarkError(f"only {len(sizes)} heartbeats came in {seconds} s {peer.problems}")
    return Result(
        seconds=elapsed,
        package_count=package_count,
        agent=measure.memory(agent.pid),
        agent_highest_rss=measure.highest_rss(agent.pid),
        agent_processor=per_minute[0],
        agent_descriptors=len(measure.descriptors(agent.pid)),
        agent_threads=measure.threads(agent.pid),
        agent_maps=measure.maps(agent.pid),
        driver_call_count=agent.driver_call_count - calls_before,
        plain=measure.memory(plain.pid),
        plain_highest_rss=measure.highest_rss(plain.pid),
        plain_processor=per_minute[1],
        plain_descriptors=len(measure.descriptors(plain.pid)),
        plain_threads=measure.threads(plain.pid),
        plain_maps=measure.maps(plain.pid),
        heartbeat_sizes=sizes,
    )


def start_plain(authority: certificates.Authority, peer: Peer) -> subprocess.Popen[bytes]:
    """An `openssl s_client` over the same TLS, which says nothing and waits."""
    process = subprocess.Popen(
        [
            "openssl", "s_client", "-quiet", "-no_ign_eof", "-tls1_3", "-alpn", "tandem/1",
            "-connect", f"127.0.0.1:{peer.port}", "-CAfile", authority.certificate("ca"),
            "-cert", authority.certificate("plain"), "-key", authority.key("plain"),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    if not peer.handshakes.acquire(timeout=START_LIMIT_SECONDS):
        process.kill()
        raise BenchmarkError(f"openssl s_client can't connect: {peer.problems}")
    return process


class Agent:
    """The agent under measurement, on a root, a package database and a journal of its own."""

    def __init__(
        self,
        program: str,
        folder: str,
        authority: certificates.Authority,
        agent_id: str,
        port: int,
        package_count: int,
    ) -> None:
        self._folder = folder
        self._driver = os.path.join(folder, "ha/idle")
        self._log = os.path.join(folder, "agent.log")
        self._write_server(package_count)
        configuration = os.path.join(folder, "agent.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(
                f"server = bench-1\nagent-id = {agent_id}\ncontroller = 127.0.0.1:{port}\n"
                f"certificate = {authority.certificate('agent')}\n"
                f"key = {authority.key('agent')}\nauthority = {authority.certificate('ca')}\n"
                f"trust = {folder}/trust\nstate-directory = {folder}/state\n"
                f"root = {folder}/root\nha-driver = idle\nha-directory = {folder}/ha\n"
                f"checks-directory = {folder}/checks.d\nlog-level = info\n"
            )
        # As under systemd: the watchdog's messages are part of what being idle costs.
        notify = os.path.join(folder, "notify")
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(notify)
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [program, "run", "--config", configuration],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={
                    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                    "NOTIFY_SOCKET": notify,
                    "WATCHDOG_USEC": str(WATCHDOG_MICROSECONDS),
                },
            )  # fmt: skip
        self.pid = self._process.pid

    def _write_server(self, package_count: int) -> None:
        os.mkdir(f"{self._folder}/ha")
        with open(self._driver, "w", encoding="ascii") as file:
            file.write(DRIVER)
        os.chmod(self._driver, 0o755)
        database = f"{self._folder}/root/var/lib/dpkg"
        for name in ("updates", "info"):
            os.makedirs(f"{database}/{name}")
        with open(f"{database}/status", "w", encoding="ascii") as file:
            for number in range(package_count):
                file.write(stanza(number))
        # Nobody's signature counts here: no image will be staged.
        with open(f"{self._folder}/trust", "w", encoding="ascii") as file:
            file.write("version 1\nthreshold 1\n" + f"key {'A' * 43}=\n")

    @property
    def driver_call_count(self) -> int:
        """How often the HA driver has been asked for the state."""
        try:
            return os.path.getsize(f"{self._driver}.calls")
        except FileNotFoundError:
            return 0

    def await_heartbeat(self, peer: Peer) -> None:
        """Waits until the agent is connected and in its rhythm."""
        end = time.monotonic() + START_LIMIT_SECONDS
        while not peer.heartbeat.acquire(timeout=0.2):
            self.check()
            if time.monotonic() > end:
                raise BenchmarkError(
                    f"no heartbeat within {START_LIMIT_SECONDS} s {peer.problems}\n{self._words()}"
                )
        # Its own handshake is not the one that `start_plain` waits for.
        peer.handshakes.acquire()

    def check(self) -> None:
        """Raises when the agent has ended."""
        status = self._process.poll()
        if status is not None:
            raise BenchmarkError(f"the agent ended ({status})\n{self._words()}")

    def end(self) -> None:
        """Ends the agent; what it left in sessions of its own ends by itself."""
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._notify.close()

    def _words(self) -> str:
        with open(self._log, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-20:])


def stanza(number: int) -> str:
    """An entry of a package database, about as long as those of real packages."""
    return (
        f"Package: bench-library-{number}\nStatus: install ok installed\nPriority: optional\n"
        f"Section: libs\nInstalled-Size: {100 + number}\nMaintainer: Nobody <nobody@example.net>\n"
        f"Architecture: amd64\nMulti-Arch: same\nVersion: 1.{number}-1\n"
        "Depends: libc6 (>= 2.34), libgcc-s1 (>= 3.0), libssl3 (>= 3.0.0), libstdc++6 (>= 11)\n"
        f"Description: library number {number} of a server\n"
        + " A paragraph such as package databases are full of, which nobody here reads.\n" * 5
        + f"Homepage: https://example.net/{number}\n\n"
    )
