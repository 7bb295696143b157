"""As much of the protocol (Docs/protocol.md) as an idle agent needs of its controller."""

import os
import struct
import time
from collections.abc import Callable

HEADER = struct.Struct(">IBBHQ")
# The length counts all that follows it: 12 bytes of header and the payload.
LENGTH_BYTES = 4
HEAD_AFTER_LENGTH = HEADER.size - LENGTH_BYTES

HELLO, HEARTBEAT, ALARM, ALARM_SNAPSHOT, ERROR, BYE = 1, 2, 12, 13, 126, 127
WELCOME, HEARTBEAT_ACK, ALARM_ACK, CLUSTER_VIEW = 129, 130, 140, 143


def _name(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _milliseconds() -> int:
    return int(time.time() * 1000)


def frame(kind: int, payload: bytes, correlation: int = 0) -> bytes:
    """One whole frame."""
    return HEADER.pack(HEAD_AFTER_LENGTH + len(payload), 1, kind, 0, correlation) + payload


def welcome(heartbeat_milliseconds: int) -> bytes:
    """Payload of the answer to hello."""
    return (
        b"\x01" + _name("bench") + struct.pack(">QI", 1, heartbeat_milliseconds) + os.urandom(16)
        + struct.pack(">Q", _milliseconds())
    )  # fmt: skip


def heartbeat_ack(heartbeat: bytes) -> bytes:
    """Payload of the answer to a heartbeat's payload."""
    return heartbeat[:4] + struct.pack(">Q", _milliseconds())


def cluster_view(mate_public_key: bytes) -> bytes:
    """Payload that tells an agent of a connected, active mate."""
    known_release = b"\x01" + _name("bench") + _name("1.0")
    mate = (
        _name("bench-2") + os.urandom(16) + struct.pack(">I", len(mate_public_key))
        + mate_public_key + b"\x01" + known_release + struct.pack(">Q", 1) + b"\x01"
    )  # fmt: skip
    return _name("bench") + struct.pack(">HI", 1, len(mate)) + mate


def alarm_event(payload: bytes) -> tuple[bytes, int]:
    """Boot and sequence number out of an alarm's payload."""
    at = 4
    at += 1 + payload[at]
    at += 2
    at += 2 + int.from_bytes(payload[at : at + 2], "big")
    at += 8
    return payload[at + 4 : at + 20], int.from_bytes(payload[at : at + 4], "big")


def alarm_ack(boot: bytes, sequence: int) -> bytes:
    """Payload that lets an agent forget alarm events."""
    return boot + struct.pack(">I", sequence)


def read_frame(read_exactly: Callable[[int], bytes]) -> tuple[int, int, bytes]:
    """The next frame's kind, correlation and payload."""
    length, _, kind, _, correlation = HEADER.unpack(read_exactly(HEADER.size))
    return kind, correlation, read_exactly(length - HEAD_AFTER_LENGTH)
