"""The init of one demo server: keeps the agent and the product's services running."""

import errno
import os
import selectors
import shutil
import signal
import socket
import time
import uuid
from collections.abc import Callable, Mapping

from tandem_demo import processes
from tandem_demo.job import Job, drain
from tandem_demo.lines import Answer, encode
from tandem_demo.root import DPKG_PATH
from tandem_demo.units import Unit, enabled_units, read_unit

AGENT = "tandem-agent"
LINE_BYTES = 1024


class Init:
    """Plays systemd for one root; everything it starts ends with it."""

    def __init__(self, root: str, agent: Unit | None, agent_waits: bool = False) -> None:
        self.root = root
        self.folder = os.path.join(root, "run/demo-init")
        self.agent = agent
        self.agent_waits = agent_waits
        """Whether the first boot leaves the agent to be started by request."""
        self.jobs: dict[str, Job] = {}
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.selector = selectors.DefaultSelector()
        self.buffers: dict[socket.socket, bytes] = {}
        self.is_on = False
        self.is_ending = False
        os.makedirs(self.folder, exist_ok=True)
        os.makedirs(os.path.join(root, "var/log"), exist_ok=True)
        self.log = open(os.path.join(root, "var/log/demo-init.log"), "a", encoding="utf-8")
        os.chdir(self.folder)
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    # What jobs ask for.

    def now(self) -> float:
        """Seconds of a monotonic clock."""
        return time.monotonic()

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Calls `action` later."""
        self.timers.append((self.now() + seconds, action))

    def say(self, text: str) -> None:
        """Writes a line to the log."""
        moment = time.time()
        clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
        self.log.write(f"{clock}.{int(moment % 1 * 1000):03d}Z {text}\n")
        self.log.flush()

    def environment(self, unit: Unit) -> Mapping[str, str]:
        """Nothing of our own but what is named here, and what is meant for Tandem's programs."""
        found = {key: text for key, text in os.environ.items() if key.startswith("TANDEM_")}
        found |= {"PATH": DPKG_PATH, "LANG": "C.UTF-8", "TANDEM_ROOT": self.root}
        found["HOME"] = os.environ.get("HOME", self.root)
        found["NOTIFY_SOCKET"] = self.short_path(f"notify-{unit.name}")
        if unit.watchdog_seconds:
            found["WATCHDOG_USEC"] = str(int(unit.watchdog_seconds * 1_000_000))
        return found

    def log_path(self, unit: Unit) -> str:
        """Where the program's output goes."""
        return os.path.join(self.root, "var/log", f"{unit.name}.log")

    def short_path(self, name: str) -> str:
        """A path to a socket of ours that fits into the 107 bytes a socket's name may have."""
        path = os.path.join(self.folder, name)
        return path if len(path.encode()) <= 107 else f"/proc/{os.getpid()}/cwd/{name}"

    # Life.

    def open(self) -> None:
        """Takes the control socket; raises OSError if another init has it."""
        self.control.setblocking(False)
        try:
            self.control.bind("control.sock")
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
                if trial.connect_ex("control.sock") == 0:
                    raise
            os.unlink("control.sock")  # Left by an init that was killed.
            self.control.bind("control.sock")
        self.control.listen(16)
        self.selector.register(self.control, selectors.EVENT_READ, self.accept)
        with open("pid", "w", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")

    def boot(self) -> None:
        """Power on: a new boot id, an empty `run`, everything that is enabled is started."""
        for name in os.listdir(os.path.join(self.root, "run")):
            path = os.path.join(self.root, "run", name)
            if os.path.isdir(path) and not os.path.islink(path):
                if path != self.folder:
                    shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)
        with open("boot-id.new", "w", encoding="utf-8") as file:
            file.write(f"{uuid.uuid4()}\n")
        os.replace("boot-id.new", "boot-id")
        self.is_on = True
        self.say("boot")
        for name in enabled_units(self.root, self.say):
            self.job(name).start()
        if self.agent and not self.agent_waits:
            self.job(AGENT).start()
        self.agent_waits = False

    def power_off(self) -> None:
        """Power loss: everything of this server is killed at once."""
        self.say("power off")
        self.is_on = False
        processes.kill_descendants()
        for job in self.jobs.values():
            job.forget()

    def end(self) -> None:
        """Stops the agent and the services in good order, then kills what is left."""
        self.is_ending = True
        for job in self.jobs.values():
            job.stop()
        deadline = self.now() + 5
        while self.now() < deadline and any(job.pid for job in self.jobs.values()):
            self.turn(0.05)
        processes.kill_descendants()
        for name in os.listdir("."):
            os.unlink(name)
        self.say("end")

    def turn(self, longest: float | None = None) -> None:
        """Waits for one thing to happen, and handles it."""
        waits = [at - self.now() for at, _ in self.timers]
        if longest is not None:
            waits.append(longest)
        for key, _ in self.selector.select(max(0.0, min(waits)) if waits else None):
            key.data(key.fileobj)
        for pid, code in processes.reap():
            job = next((job for job in self.jobs.values() if job.pid == pid), None)
            if job:
                job.died(code)
            else:
                self.say(f"orphan {pid} ended with {code}")
        now = self.now()
        due = [action for at, action in self.timers if at <= now]
        self.timers = [timer for timer in self.timers if timer[0] > now]
        for action in due:
            action()

    def watch_signals(self) -> None:
        """SIGCHLD wakes the loop, SIGTERM and SIGINT end it."""
        reader, writer = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.end_soon)
        self.wakeup = (reader, writer)
        self.selector.register(reader, selectors.EVENT_READ, lambda _: reader.recv(4096))

    def end_soon(self, *_: object) -> None:
        """The loop ends after this turn."""
        self.is_ending = True

    # Units.

    def job(self, name: str) -> Job:
        """The job of a unit; its unit file is read again while it does not run."""
        if "/" in name:
            raise ValueError(f"not the name of a unit: {name}")
        unit = self.agent if name == AGENT and self.agent else read_unit(self.root, name)
        job = self.jobs.get(name)
        if job is None:
            channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            channel.setblocking(False)
            if os.path.lexists(f"notify-{name}"):
                os.unlink(f"notify-{name}")
            channel.bind(f"notify-{name}")
            job = Job(unit, channel, self)
            self.jobs[name] = job
            self.selector.register(channel, selectors.EVENT_READ, lambda _: self.notified(name))
        elif job.pid is None:
            job.unit = unit
        return job

    def notified(self, name: str) -> None:
        """A unit said something."""
        job = self.jobs[name]
        for text in drain(job.notify):
            job.was_notified(text)

    # The control socket.

    def accept(self, _: object) -> None:
        """Takes a client in."""
        channel = self.control.accept()[0]
        channel.setblocking(False)
        self.buffers[channel] = b""
        self.selector.register(channel, selectors.EVENT_READ, self.receive)

    def receive(self, channel: socket.socket) -> None:
        """Takes what a client sent; one line is one request."""
        try:
            data = channel.recv(LINE_BYTES)
        except OSError:
            data = b""
        *lines, rest = (self.buffers[channel] + data).split(b"\n")
        self.buffers[channel] = rest
        if not data or len(rest) > LINE_BYTES:
            self.selector.unregister(channel)
            del self.buffers[channel]
            channel.close()
            return
        for line in lines:
            self.request(channel, line.decode("utf-8", "replace").split())

    def reply(
        self, channel: socket.socket, is_good: bool, text: str, more: Answer | None = None
    ) -> None:
        """Answers, if the client is still there."""
        answer = {"result": "ok" if is_good else "failed", "text": text} | (more or {})
        try:
            channel.sendall(encode(answer))
        except OSError:
            pass

    def request(self, channel: socket.socket, words: list[str]) -> None:
        """Handles one request."""
        try:
            match words:
                case ["start" | "restart", _] if not self.is_on:
                    self.reply(channel, False, "the server is off")
                case ["start", name]:
                    self.job(name).start(lambda good, text: self.reply(channel, good, text))
                case ["stop", name] if name not in self.jobs:
                    self.reply(channel, True, "not running")
                case ["stop", name]:
                    self.jobs[name].stop(lambda good, text: self.reply(channel, good, text))
                case ["restart", name]:
                    job = self.job(name)
                    job.stop(
                        lambda _, __: job.start(lambda good, text: self.reply(channel, good, text))
                    )
                case ["is-active", name]:
                    state = self.jobs[name].state if name in self.jobs else "inactive"
                    self.reply(channel, True, state, {"state": state})
                case ["status"]:
                    with open("boot-id", encoding="utf-8") as file:
                        facts = {"power": "on" if self.is_on else "off"}
                        facts["boot-id"] = file.read().strip()
                    facts |= {name: job.facts() for name, job in sorted(self.jobs.items())}
                    self.reply(channel, True, "status", facts)
                case ["power-off"]:
                    self.power_off()
                    self.reply(channel, True, "off")
                case ["power-on"] if not self.is_on:
                    self.boot()
                    self.reply(channel, True, "on")
                case ["reboot"] | ["reboot", _]:
                    seconds = float(words[1]) if len(words) == 2 else 0.0
                    self.power_off()
                    self.after(seconds, self.boot_unless_on)
                    self.reply(channel, True, f"on again in {seconds:g} s")
                case _:
                    self.reply(channel, False, f"unknown or idle request: {' '.join(words)[:80]}")
        except (OSError, ValueError, TimeoutError) as error:
            self.reply(channel, False, str(error))

    def boot_unless_on(self) -> None:
        """The end of a reboot."""
        if not self.is_on and not self.is_ending:
            self.boot()
