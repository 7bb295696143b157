"""Asks service addresses all the time, and tells for how long none of them answered."""

import errno
import os
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

RETRY_SECONDS = 0.002
"""Between two attempts to connect while an address is down: makes a short gap measurable."""
HANG_SECONDS = 0.5
"""A connection that is silent for so long is given up for a new one."""

Address = tuple[str, int]


@dataclass
class Gap:
    """A time in which an address did not answer, or the moment another server took over."""

    at: float
    """Wall clock of its end."""
    seconds: float
    """From the last answer before to the first one after: the real gap is not longer."""
    down_seconds: float
    """From the first sign of trouble to the first answer: the real gap is not shorter."""
    late_seconds: float
    """By how much the probe itself was late meanwhile: so much of the gap may be its own."""
    before: str
    after: str

    def facts(self) -> dict[str, object]:
        """For JSON."""
        return {
            "at": round(self.at, 3),
            "gap-milliseconds": round(self.seconds * 1000, 1),
            "down-milliseconds": round(self.down_seconds * 1000, 1),
            "probe-late-milliseconds": round(self.late_seconds * 1000, 1),
            "from": self.before,
            "to": self.after,
        }


@dataclass
class Tally:
    """What one address did in one interval."""

    answers: dict[str, int] = field(default_factory=dict)
    """How often each `SERVER VERSION` answered."""
    longest: Gap | None = None
    changes: list[Gap] = field(default_factory=list)
    """Each time another server or version answered than before."""
    outages: int = 0
    """How often the connection was lost or refused, however short."""
    longest_outage_seconds: float = 0.0

    def facts(self) -> dict[str, object]:
        """For JSON."""
        return {
            "answers": dict(sorted(self.answers.items())),
            "longest-gap": self.longest.facts() if self.longest else None,
            "changes": [change.facts() for change in self.changes],
            "outages": self.outages,
            "longest-outage-milliseconds": round(self.longest_outage_seconds * 1000, 1),
        }


@dataclass
class Interval:
    """A named part of the time, such as one action."""

    label: str
    began: float
    tallies: dict[str, Tally]
    ended: float | None = None

    def facts(self) -> dict[str, object]:
        """For JSON."""
        return {
            "label": self.label,
            "began": round(self.began, 3),
            "ended": round(self.ended, 3) if self.ended else None,
            "addresses": {name: tally.facts() for name, tally in self.tallies.items()},
        }


class Target:
    """One address and the connection to it."""

    def __init__(self, name: str, address: Address, probe: "Probe") -> None:
        self.name = name
        self.address = address
        self.probe = probe
        self.channel: socket.socket | None = None
        self.is_connected = False
        self.asked_at: float | None = None
        self.answered_at: float | None = None
        self.trouble_at: float | None = None
        self.line = b""
        self.who = ""
        self.late = 0.0

    def tick(self, now: float) -> None:
        """Time for the next question."""
        if self.channel is None:
            self.connect(now)
        elif self.asked_at is None and self.is_connected:
            self.ask(now)
        elif self.asked_at is not None and now - self.asked_at > HANG_SECONDS:
            self.lost(now)
            self.connect(now)

    def connect(self, now: float) -> None:
        """Begins a new connection; loopback answers at once."""
        self.channel = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.channel.setblocking(False)
        self.channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked_at = now
        code = self.channel.connect_ex(self.address)
        if code not in (0, errno.EINPROGRESS):
            self.lost(now)
            return
        mask = selectors.EVENT_READ if code == 0 else selectors.EVENT_WRITE
        self.probe.selector.register(self.channel, mask, self.ready)
        if code == 0:
            self.is_connected = True
            self.ask(now)

    def ask(self, now: float) -> None:
        """Sends one question."""
        if self.channel is None:
            return
        try:
            self.channel.send(b"probe\n")
            self.asked_at = now
        except OSError:
            self.lost(now)

    def ready(self) -> None:
        """The connection is up, or an answer is here, or the end."""
        now = time.monotonic()
        if self.channel is None:
            return
        if not self.is_connected:
            if self.channel.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                return self.lost(now)
            self.is_connected = True
            self.probe.selector.modify(self.channel, selectors.EVENT_READ, self.ready)
            return self.ask(now)
        try:
            line = self.channel.recv(1024)
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            return self.lost(now)
        self.answered(line, now)

    def answered(self, line: bytes, now: float) -> None:
        """Counts an answer, and the gap before it."""
        is_change = line != self.line
        before = self.who
        if is_change:
            self.line = line
            words = line.decode("utf-8", "replace").split()
            facts = dict(word.partition("=")[::2] for word in words)
            self.who = f"{facts.get('server', '?')} {facts.get('version', '?')}"
        if self.answered_at is not None:
            down = now - self.trouble_at if self.trouble_at is not None else 0.0
            seconds = now - self.answered_at
            gap = Gap(time.time(), seconds, down, self.late, before, self.who)
            self.probe.took(self.name, gap)
        else:
            self.probe.say(f"{self.name}: {self.who} answers")
        self.probe.count(self.name, self.who)
        self.answered_at = now
        self.asked_at = None
        self.trouble_at = None
        self.late = 0.0

    def lost(self, now: float) -> None:
        """No connection: tries again soon."""
        if self.channel is not None:
            try:
                self.probe.selector.unregister(self.channel)
            except KeyError:
                pass  # It never came so far.
            self.channel.close()
        self.channel = None
        self.is_connected = False
        self.asked_at = None
        if self.trouble_at is None:
            self.trouble_at = now


class Probe:
    """The loop over all addresses."""

    def __init__(
        self,
        addresses: dict[str, Address],
        period: float,
        report: float,
        say: Callable[[str], None],
    ) -> None:
        self.period = period
        self.report = report
        self.say = say
        # epoll would round each wait up to a whole millisecond.
        self.selector = selectors.SelectSelector()
        self.targets = [Target(name, address, self) for name, address in addresses.items()]
        self.intervals: list[Interval] = []
        self.began = time.monotonic()
        self.is_ending = False
        self.begin_interval("start")

    def run(self) -> None:
        """Until `is_ending`."""
        due = time.monotonic()
        while not self.is_ending:
            now = time.monotonic()
            if now >= due:
                for target in self.targets:
                    target.late = max(target.late, now - due)
                    target.tick(now)
                due = max(due + self.period, now)
            wait = due - now
            down = [target for target in self.targets if target.channel is None]
            if down and wait > RETRY_SECONDS:
                wait = RETRY_SECONDS
            for key, _ in self.selector.select(max(wait, 0.0)):
                key.data()
            if down:
                now = time.monotonic()
                for target in down:
                    if target.channel is None:
                        target.connect(now)

    def took(self, name: str, gap: Gap) -> None:
        """Keeps the longest gap and every change; tells what is worth telling."""
        tally = self.intervals[-1].tallies[name]
        if tally.longest is None or gap.seconds > tally.longest.seconds:
            tally.longest = gap
        if gap.down_seconds:
            tally.outages += 1
            tally.longest_outage_seconds = max(tally.longest_outage_seconds, gap.down_seconds)
        is_change = gap.before != gap.after
        if is_change:
            tally.changes.append(gap)
        if is_change or gap.seconds > self.report:
            arrow = f"{gap.before} -> {gap.after}" if is_change else gap.after
            self.say(f"{name}: gap {gap.seconds * 1000:.0f} ms, {arrow}")

    def count(self, name: str, who: str) -> None:
        """One answer more."""
        answers = self.intervals[-1].tallies[name].answers
        answers[who] = answers.get(who, 0) + 1

    def begin_interval(self, label: str) -> None:
        """Ends the interval before, and tells its longest gaps."""
        now = time.time()
        if self.intervals:
            last = self.intervals[-1]
            last.ended = now
            for name, tally in last.tallies.items():
                if tally.longest:
                    longest = tally.longest.seconds * 1000
                    self.say(f"{name}: longest gap {longest:.0f} ms ({last.label})")
        tallies = {target.name: Tally() for target in self.targets}
        self.intervals.append(Interval(label, now, tallies))

    def facts(self) -> dict[str, object]:
        """Everything, for JSON."""
        usage = os.times()
        return {
            "seconds": round(time.monotonic() - self.began, 3),
            "period-milliseconds": self.period * 1000,
            "cpu-seconds": round(usage.user + usage.system, 3),
            "intervals": [interval.facts() for interval in self.intervals],
        }
