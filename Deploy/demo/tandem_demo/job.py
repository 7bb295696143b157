"""One supervised program: its life from start to end, as systemd would see it."""

import signal
import socket
from collections.abc import Callable, Mapping
from typing import Protocol

from tandem_demo import processes
from tandem_demo.units import Unit

BURST_COUNT = 5
BURST_SECONDS = 10.0
"""A program that fails more often than that in that time is not started again."""

Waiter = Callable[[bool, str], None]
"""Called once when a start or stop has come to its end: whether it worked, and a text."""


class Surroundings(Protocol):
    """What a job needs of the init that runs it."""

    def now(self) -> float:
        """Seconds of a monotonic clock."""

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Calls `action` later."""

    def say(self, text: str) -> None:
        """Writes a line to the log."""

    def environment(self, unit: Unit) -> Mapping[str, str]:
        """What the program finds in its environment."""

    def log_path(self, unit: Unit) -> str:
        """Where the program's output goes."""


class Job:
    """A program that is `inactive`, `activating`, `active`, `deactivating` or `failed`."""

    def __init__(self, unit: Unit, notify: socket.socket, init: Surroundings) -> None:
        self.unit = unit
        self.notify = notify
        self.init = init
        self.state = "inactive"
        self.pid: int | None = None
        self.restarts = 0
        self.waiters: list[Waiter] = []
        self.last_sign = 0.0
        self.generation = 0
        """Counts starts: a timer of an earlier life does nothing."""
        self.recent_starts: list[float] = []

    def start(self, waiter: Waiter | None = None) -> None:
        """Starts it, unless it runs; the waiter hears when it is ready."""
        if self.state == "active":
            return waiter(True, "active already") if waiter else None
        if self.state == "deactivating":
            return waiter(False, "is being stopped") if waiter else None
        if waiter:
            self.waiters.append(waiter)
        if self.state == "activating" and self.pid is not None:
            return
        self.generation += 1
        generation = self.generation
        self.state = "activating"
        unit = self.unit
        drain(self.notify)  # What an earlier life said says nothing about this one.
        self.pid = processes.spawn(
            unit.arguments, self.init.environment(unit), self.init.log_path(unit)
        )
        self.recent_starts.append(self.init.now())
        self.init.say(f"{unit.name}: started as {self.pid}")
        self.init.after(unit.start_seconds, lambda: self._start_is_late(generation))

    def stop(self, waiter: Waiter | None = None) -> None:
        """Ends it with SIGTERM, then SIGKILL; the waiter hears when it is gone."""
        if self.pid is None:
            self.state = "inactive"
            self.generation += 1
            self._finish(False, "stopped before it was ready")
            return waiter(True, "inactive") if waiter else None
        self._finish(False, "stopped before it was ready")
        if waiter:
            self.waiters.append(waiter)
        if self.state == "deactivating":
            return
        self.state = "deactivating"
        generation = self.generation
        processes.kill(self.pid, signal.SIGTERM)
        processes.kill(self.pid, signal.SIGCONT)
        self.init.after(self.unit.stop_seconds, lambda: self._stop_is_late(generation))

    def was_notified(self, text: str) -> None:
        """Takes a datagram of the program in."""
        words = text.splitlines()
        if self.pid is None:
            return
        if "WATCHDOG=1" in words or "READY=1" in words:
            self.last_sign = self.init.now()
        if "READY=1" in words and self.state == "activating":
            self.state = "active"
            self.init.say(f"{self.unit.name}: ready")
            if self.unit.watchdog_seconds:
                self._watch(self.generation)
            self._finish(True, "active")

    def died(self, code: int) -> None:
        """Its main process is gone: decides what comes next."""
        pid, self.pid = self.pid, None
        was = self.state
        how = f"killed by signal {-code}" if code < 0 else f"exited {code}"
        self.init.say(f"{self.unit.name}: {pid} {how}")
        if self.unit.kills_session and pid is not None:
            for member in processes.session_members(pid):
                processes.kill(member, signal.SIGKILL)
        self.generation += 1
        if was == "deactivating":
            self.state = "inactive"
            return self._finish(True, "inactive")
        log = self.init.log_path(self.unit)
        self._finish(False, f"{how} before it was ready; see {log}")
        self.state = "failed" if code else "inactive"
        if self.unit.restart == "always" or (self.unit.restart == "on-failure" and code):
            self._restart_soon()

    def forget(self) -> None:
        """The power went: it is simply gone."""
        self.pid = None
        self.state = "inactive"
        self.generation += 1
        self._finish(False, "power off")

    def close(self) -> None:
        """Gives the notification socket back."""
        self.notify.close()

    def _restart_soon(self) -> None:
        """Starts it again after its delay, unless it fails all the time."""
        now = self.init.now()
        self.recent_starts = [at for at in self.recent_starts if now - at < BURST_SECONDS]
        if self.unit.restart != "always" and len(self.recent_starts) >= BURST_COUNT:
            self.init.say(f"{self.unit.name}: fails all the time, left alone")
            return
        generation = self.generation
        self.restarts += 1

        def again() -> None:
            if generation == self.generation and self.pid is None:
                self.start()

        self.init.after(self.unit.restart_seconds, again)

    def _finish(self, is_good: bool, text: str) -> None:
        """Tells everybody who waits."""
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            waiter(is_good, text)

    def _start_is_late(self, generation: int) -> None:
        if generation == self.generation and self.state == "activating" and self.pid is not None:
            self.init.say(f"{self.unit.name}: not ready in {self.unit.start_seconds:g} s, killed")
            processes.kill(self.pid, signal.SIGKILL)

    def _stop_is_late(self, generation: int) -> None:
        if generation == self.generation and self.state == "deactivating" and self.pid is not None:
            self.init.say(f"{self.unit.name}: does not end, killed")
            processes.kill(self.pid, signal.SIGKILL)

    def _watch(self, generation: int) -> None:
        """Kills it when it has been silent for too long."""
        if generation != self.generation or self.state != "active" or self.pid is None:
            return
        left = self.last_sign + self.unit.watchdog_seconds - self.init.now()
        if left <= 0:
            self.init.say(f"{self.unit.name}: silent for {self.unit.watchdog_seconds:g} s, killed")
            processes.kill(self.pid, signal.SIGKILL)
            return
        self.init.after(left, lambda: self._watch(generation))

    def facts(self) -> str:
        """One line for `status`."""
        pid = self.pid if self.pid is not None else "-"
        return f"{self.state} pid={pid} restarts={self.restarts}"


def drain(channel: socket.socket) -> list[str]:
    """Takes all waiting datagrams of a notification socket."""
    texts = []
    while True:
        try:
            texts.append(channel.recv(4096).decode("utf-8", "replace"))
        except BlockingIOError:
            return texts
