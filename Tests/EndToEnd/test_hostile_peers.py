"""Peers that mean harm, against a real controller: its memory stays bounded, and nobody else notices."""

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import faults
from case import EndToEnd
from lab import Lab

SECONDS = 15.0
PEERS = 60
"""Of each kind; the operators' port serves 256 connections in all."""
PIECE = 64 * 1024
GROWTH_MEGABYTES = 100
"""What the controller may take above its resting size while 240 peers push bytes at it: half of what their
   declared limits would come to (4 MiB of frames for each that has a certificate, 256 KiB of body, one TLS record)."""
AGE_MILLISECONDS = 5000
"""Heartbeats come each second here."""

Attack = Callable[[socket.socket], None]


def garbage(link: socket.socket) -> None:
    """No TLS at all."""
    while True:
        link.sendall(os.urandom(PIECE))


def dripping_hello(link: socket.socket) -> None:
    """A TLS hello that says it is long, byte by byte."""
    link.sendall(b"\x16\x03\x01\x3f\xff\x01\x00\x3f\xfb\x03\x03")
    while True:
        link.sendall(b"\0")
        time.sleep(0.05)


def flood_of_frames(link: socket.socket) -> None:
    """Frames of the greatest size that this port takes, or that say they are."""
    while True:
        link.sendall(b"\x00\x0f\xff\xff" + os.urandom(PIECE))


def body_without_end(link: socket.socket) -> None:
    """A JSON document that never ends."""
    link.sendall(
        b"POST /api/v1/clusters HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"content-length: 4000000000\r\n\r\n"
    )
    while True:
        link.sendall(b" " * PIECE)


class HostilePeersTests(EndToEnd):
    """Four kinds of peers at once, on both ports."""

    def test_memory_is_bounded_and_heartbeats_go_on(self) -> None:
        lab = self.open()
        resting = self.resident(lab)
        agent_port = (lab.host, lab.controller.agent_port)
        api_port = (lab.host, lab.controller.api_port)
        foreign = self.certificate(lab, "agents/stranger", "agents-ca.pem")
        person = self.certificate(lab, "people/sam", "operators-ca.pem")
        attacks: list[tuple[tuple[str, int], ssl.SSLContext | None, Attack]] = [
            (agent_port, None, garbage),
            (api_port, None, dripping_hello),
            (agent_port, foreign, flood_of_frames),
            (api_port, person, body_without_end),
        ]
        largest, oldest, answered = resting, 0, 0
        with self.under(attacks) as count:
            deadline = time.monotonic() + SECONDS
            while time.monotonic() < deadline:
                largest = max(largest, self.resident(lab))
                try:
                    status = lab.status()
                except OSError:
                    continue  # The operators' places may all be taken for a moment.
                answered += 1
                for entry in status["servers"]:
                    self.assertTrue(entry["isConnected"], status["seenLines"])
                    oldest = max(oldest, entry["ageMilliseconds"])
        print(
            f"counted: {count()} hostile connections in {SECONDS:g} s: the controller grew from {resting >> 20} to "
            f"{largest >> 20} MiB; the oldest heartbeat was {oldest} ms old, {answered} answers to an operator"
        )
        self.assertGreater(count(), PEERS * len(attacks))
        self.assertLess(largest - resting, GROWTH_MEGABYTES << 20)
        self.assertLess(oldest, AGE_MILLISECONDS)
        self.assertGreater(answered, 0)
        faults.until(lambda: self.answers(lab), "the operators' port is free again")
        lab.do("start-upgrade")

    def resident(self, lab: Lab) -> int:
        """The controller's memory, in bytes."""
        lab.controller.check()
        assert lab.controller.child
        with open(f"/proc/{lab.controller.child.pid}/status", encoding="ascii") as file:
            words = next(line for line in file if line.startswith("VmRSS:")).split()
        return int(words[1]) * 1024

    def certificate(self, lab: Lab, stem: str, authority: str) -> ssl.SSLContext:
        """What a peer shows; a stranger's certificate is made first."""
        folder = lab.path("ca")
        kind, name = stem.split("/")
        if not os.path.exists(os.path.join(folder, f"{stem}.pem")):
            lab.tandem.do("ca", "issue", kind.removesuffix("s"), name, "--dir", folder)
        context = ssl.create_default_context(cafile=os.path.join(folder, authority))
        context.check_hostname = False
        context.load_cert_chain(
            os.path.join(folder, f"{stem}.pem"), os.path.join(folder, f"{stem}.key")
        )
        return context

    @contextmanager
    def under(
        self, attacks: list[tuple[tuple[str, int], ssl.SSLContext | None, Attack]]
    ) -> Iterator[Callable[[], int]]:
        """All peers at work, each again as soon as it is closed; yields how many have connected."""
        over = threading.Event()
        connected: list[None] = []

        def work(address: tuple[str, int], context: ssl.SSLContext | None, attack: Attack) -> None:
            while not over.is_set():
                try:
                    with socket.create_connection(address, 5) as plain:
                        connected.append(None)
                        if context is None:
                            attack(plain)
                        else:
                            with context.wrap_socket(plain) as link:
                                attack(link)
                except OSError:
                    over.wait(0.05)

        threads = [
            threading.Thread(target=work, args=attack, daemon=True)
            for attack in attacks
            for _ in range(PEERS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield lambda: len(connected)
        finally:
            over.set()

    def answers(self, lab: Lab) -> bool:
        """Whether an operator is served."""
        try:
            return bool(lab.status())
        except OSError:
            return False
