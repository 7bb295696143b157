"""The parts of the benchmark that read and write formats of others."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from agent_bench import binary, frames, measure  # noqa: E402

VECTORS = os.path.join(HERE, "../../../Tests/Fixtures/wire/v1")


def vector(name: str) -> bytes:
    """A committed frame of the protocol."""
    with open(os.path.join(VECTORS, f"{name}.hex"), encoding="ascii") as file:
        return bytes.fromhex(file.read())


def reader(data: bytes):  # noqa: ANN201
    """A `read_exactly` over bytes."""
    position = 0

    def read(count: int) -> bytes:
        nonlocal position
        position += count
        return data[position - count : position]

    return read


class FrameTests(unittest.TestCase):
    """Held against the vectors that the product itself is held against."""

    def test_welcome_has_the_vectors_layout(self) -> None:
        kind, _, payload = frames.read_frame(reader(vector("129-welcome")))
        self.assertEqual(kind, frames.WELCOME)
        ours = frames.welcome(5000)
        # version, length of the name, then (behind the name) the heartbeat's period
        self.assertEqual(ours[0], payload[0])
        period = slice(2 + payload[1] + 8, 2 + payload[1] + 12)
        self.assertEqual(payload[period], (5000).to_bytes(4, "big"))
        self.assertEqual(ours[2 + ours[1] + 8 : 2 + ours[1] + 12], (5000).to_bytes(4, "big"))
        self.assertEqual(len(ours) - ours[1], len(payload) - payload[1])

    def test_cluster_view_has_the_vectors_layout(self) -> None:
        _, _, payload = frames.read_frame(reader(vector("143-cluster-view")))
        key = b"k" * 91
        ours = frames.cluster_view(key)
        for view in (payload, ours):
            at = 1 + view[0]
            self.assertEqual(view[at : at + 2], b"\x00\x01")
            self.assertEqual(int.from_bytes(view[at + 2 : at + 6], "big"), len(view) - at - 6)
        self.assertIn(len(key).to_bytes(4, "big") + key, ours)

    def test_alarm_names_boot_and_sequence(self) -> None:
        _, _, payload = frames.read_frame(reader(vector("012-alarm")))
        self.assertEqual(frames.alarm_event(payload), (b"\xb0" * 16, 3))

    def test_heartbeat_ack_repeats_the_sequence(self) -> None:
        _, _, payload = frames.read_frame(reader(vector("002-heartbeat")))
        self.assertEqual(frames.heartbeat_ack(payload)[:4], payload[:4])

    def test_frame_reads_back(self) -> None:
        read = frames.read_frame(reader(frames.frame(140, b"abc", correlation=9)))
        self.assertEqual(read, (140, 9, b"abc"))


class ProcTests(unittest.TestCase):
    """What the kernel and objdump print."""

    def test_stat_survives_hostile_names(self) -> None:
        ticks = measure.TICKS_PER_SECOND
        rest = f"S {'1 ' * 10}{ticks} {2 * ticks} {3 * ticks} {4 * ticks} 20 0"
        for name in ("sh", "a b", ") S 1 (", "((("):
            with self.subTest(name=name):
                found = measure.parse_stat(f"42 ({name}) {rest}")
                self.assertEqual(found, measure.Processor(own=3, children=7))

    def test_highest_version_counts_by_number(self) -> None:
        needs = binary.parse_needs(
            "  NEEDED               libc.so.6\n"
            "Version References:\n  required from libc.so.6:\n"
            "    0x069691b4 0x00 12 GLIBC_2.34\n    0x06969194 0x00 08 GLIBC_2.4\n"
            "    0x09691a75 0x00 05 GLIBC_2.2.5\n"
        )
        self.assertEqual(needs, binary.Needs(["libc.so.6"], {"GLIBC": "2.34"}))

    def test_limit(self) -> None:
        self.assertFalse(binary.exceeds("2.4", "2.34"))
        self.assertFalse(binary.exceeds("2.34", "2.34"))
        self.assertTrue(binary.exceeds("2.35", "2.34"))
        self.assertTrue(binary.exceeds("2.34.1", "2.34"))

    def test_own_process_can_be_measured(self) -> None:
        pid = os.getpid()
        memory = measure.memory(pid)
        self.assertGreater(memory.rss, memory.private)
        self.assertGreater(measure.highest_rss(pid), 0)
        self.assertGreater(measure.processor(pid).own, 0)
        by_file = measure.maps(pid)
        self.assertAlmostEqual(sum(m.rss for m in by_file.values()), memory.rss, delta=4096)


if __name__ == "__main__":
    unittest.main()
