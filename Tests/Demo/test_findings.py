"""What the demo makes of what it sees: a demo that only ever says `all is well` shows nothing."""

import contextlib
import io
import sys
import unittest
from typing import Any

from lab import REPOSITORY  # which makes the demo's modules importable

from tandem_demo import console, findings

assert REPOSITORY in console.__file__


def tally(gap: float = 0, down: float = 0, outages: int = 0) -> dict[str, Any]:
    """An address that changed its server if there was a gap."""
    longest = {"gap-milliseconds": gap, "from": "a 1", "to": "b 2"}
    return {
        "changes": [longest] if gap else [],
        "longest-gap": longest,
        "outages": outages,
        "longest-outage-milliseconds": down,
    }


def entry(action: str, step: int, text: str, own: int | None, ended: int) -> dict[str, Any]:
    """A line of the upgrade log."""
    line = {"action": action, "stepIndex": step, "text": text, "durationMilliseconds": 4000}
    line["endedAt"] = {"milliseconds": ended}
    return line | ({} if own is None else {"ownMilliseconds": own})


class FindingsTests(unittest.TestCase):
    """Each kind of trouble is found."""

    def setUp(self) -> None:
        self.findings = findings.Findings()

    def test_a_quiet_action_is_fine(self) -> None:
        self.assertEqual(self.findings.take_gaps("x", {"a": tally(), "b": tally()}, ""), [])
        self.assertEqual(self.findings.problems, [])

    def test_a_failover_tells_its_gap(self) -> None:
        told = self.findings.take_gaps("x", {"a": tally(120, 100, 3), "b": tally()}, "a")
        self.assertEqual(told, ["  probe: longest gap 120 ms, a 1 -> b 2"])
        self.assertEqual(self.findings.failovers, [("x", 120.0)])
        self.assertEqual(self.findings.problems, [])

    def test_trouble(self) -> None:
        long = findings.GAP_MILLISECONDS + 1
        for name, addresses, failed_over in (
            ("another cluster is interrupted", {"a": tally(90), "b": tally(0, 80, 1)}, "a"),
            ("an interruption without failover", {"a": tally(0, 80, 1)}, ""),
            ("another server without failover", {"a": tally(30)}, ""),
            ("a failover that nobody saw", {"a": tally()}, "a"),
            ("a failover that takes too long", {"a": tally(long, long, 1)}, "a"),
        ):
            with self.subTest(name):
                self.setUp()
                self.findings.take_gaps("x", addresses, failed_over)
                self.assertEqual(len(self.findings.problems), 1)

    def test_own_time_counts_to_the_end_of_the_action(self) -> None:
        log = [
            entry("2", 0, "Initiate upgrade b (next)", None, 1200),
            entry("2", 101, "step 1/7: Check", None, 500),
            entry("2", 300, "unhold b", 10, 1150) | {"durationMilliseconds": 70},
            entry("2", 200, "install b", 60, 1000),
            entry("2", 100, "check b", 900, 400),
            entry("1", 0, "Initiate upgrade a (next)", None, 90),
            entry("1", 100, "install a", 999, 80),
        ]
        told = self.findings.take_own("x", log, "")
        self.assertEqual(told, ["  ours after dpkg: 200 ms of 4200 ms (install b)"])
        self.assertEqual(self.findings.own, [("x", 200)])
        self.assertEqual(self.findings.problems, [])
        log[3]["ownMilliseconds"] = 120
        self.findings.take_own("x", log, "")
        self.assertEqual(len(self.findings.problems), 1)
        told = self.findings.take_own("x", log, "a build")
        self.assertIn("not judged: a build", told[0])
        self.assertEqual(len(self.findings.problems), 1)

    def test_nothing_seen_is_not_good(self) -> None:
        self.findings.finish()
        self.assertEqual(len(self.findings.problems), 4)


class ConsoleTests(unittest.TestCase):
    """What programs say, on a terminal and off."""

    def setUp(self) -> None:
        self.output = io.StringIO()
        redirection = contextlib.redirect_stdout(self.output)
        redirection.__enter__()
        self.addCleanup(redirection.__exit__, None, None, None)

    def test_a_redrawn_line_leaves_its_last_form(self) -> None:
        text = "one\n\r\x1b[K10%\r\x1b[K90%\r\x1b[Kdone\n"
        self.assertEqual(console.plain(text), "one\ndone")

    def test_relay_tells_code_and_text(self) -> None:
        script = "import sys; print('one'); print('two', file=sys.stderr, end=''); sys.exit(3)"
        relayed = console.Console().relay([sys.executable, "-uc", script], {}, 20)
        self.assertEqual(relayed, (3, "one\ntwo"))
        self.assertEqual(self.output.getvalue(), "   one\n   two\n")

    def test_relay_gives_up(self) -> None:
        script = "import time; print('one', flush=True); time.sleep(60)"
        with self.assertRaisesRegex(TimeoutError, "one"):
            console.Console().relay([sys.executable, "-c", script], {}, 0.5)


if __name__ == "__main__":
    unittest.main()
