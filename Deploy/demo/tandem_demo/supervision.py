"""Runs the demo in a session of its own, and sees to it that nothing is left of it.

Two processes: the *front* is what the user started; it passes signals on, and when the *runner* has
ended, however it did, it kills what is left and removes the folder. Should the front be killed, the
runner hears of it and cleans up itself. A demo that is kept outlives its front.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

from tandem_demo import processes

END_SECONDS = 45
"""In which a runner that was told to end has to be gone."""
CRASH_SECONDS = 10.0
"""In which the servers of a runner that was killed end by themselves."""
INTERRUPTED = 130
RUNNER_FILE = "runner"


class Stopped(BaseException):
    """The runner was told to end; not an error of the demo."""


class Runner:
    """What the demo's body can ask of the process it runs in."""

    def __init__(self, folder: str, kept: int) -> None:
        self.folder = folder
        self._kept = kept

    def keep(self, code: int) -> None:
        """Lets the front end with that exit code, and goes on until it is told to stop."""
        processes.end_with_parent(0)
        output = os.open(
            os.path.join(self.folder, "demo.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.write(self._kept, bytes([code]))
        os.close(self._kept)
        while True:
            time.sleep(3600)


def supervise(folder: str, body: Callable[[Runner], int]) -> int:
    """Runs the body in the folder; returns the exit code. The folder is there, and ours."""
    processes.become_subreaper()
    reader, writer = os.pipe()
    sys.stdout.flush()
    front = os.getpid()
    runner = os.fork()
    if runner == 0:
        os.close(reader)
        _run(front, folder, body, writer)
    os.close(writer)
    signals: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        signals.append(number)
        impatient = number == signal.SIGALRM or len(signals) > 2
        processes.kill(runner, signal.SIGKILL if impatient else signal.SIGTERM)
        if len(signals) == 1:
            signal.alarm(END_SECONDS)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, pass_on)
    if code := os.read(reader, 1):
        return code[0]  # The runner lives on.
    status = os.waitstatus_to_exitcode(os.waitpid(runner, 0)[1])
    signal.alarm(0)
    if status < 0:
        print(f"demo: the demo itself was ended by signal {-status}", file=sys.stderr)
    _clean(folder, CRASH_SECONDS if status < 0 else 0.0)
    if signals:
        print("\ndemo: interrupted; everything it began is ended and removed", file=sys.stderr)
        return INTERRUPTED
    return 1 if status < 0 else status


def _run(front: int, folder: str, body: Callable[[Runner], int], writer: int) -> None:
    """The runner's life; never returns."""
    code = 1
    try:
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, _stop)
        os.setsid()
        processes.end_with_parent(signal.SIGTERM)
        processes.become_subreaper()
        if os.getppid() != front:
            raise Stopped
        with open(os.path.join(folder, RUNNER_FILE), "w", encoding="utf-8") as file:
            file.write(f"{os.getpid()} {processes.start_time(os.getpid())}\n")
        code = body(Runner(folder, writer))
    except Stopped:
        code = INTERRUPTED
    except BaseException:  # A fork of the script must not run on into its caller.
        sys.excepthook(*sys.exc_info())
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _clean(folder, 0.0)
        sys.stdout.flush()
        os._exit(code)


def _stop(*_: object) -> None:
    """Once: what cleans up is not interrupted."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped


def _clean(folder: str, seconds: float) -> None:
    """Waits so long for what is left below us, kills the rest, removes the folder."""
    deadline = time.monotonic() + seconds
    while processes.descendants() and time.monotonic() < deadline:
        processes.reap()
        time.sleep(0.05)
    try:
        processes.kill_descendants()
    except TimeoutError as error:
        print(f"demo: {error}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    if os.path.exists(folder):
        print(f"demo: can't remove {folder}", file=sys.stderr)


def kept_runner(folder: str) -> int | None:
    """The pid of the demo that runs in a folder, or None."""
    try:
        with open(os.path.join(folder, RUNNER_FILE), encoding="utf-8") as file:
            pid, started = file.read().split()
        return int(pid) if processes.start_time(int(pid)) == started else None
    except (OSError, ValueError):
        return None


def stop(folder: str) -> bool:
    """Ends the demo that was kept in a folder, and removes the folder; False if there was none."""
    pid = kept_runner(folder)
    if pid is not None:
        processes.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + END_SECONDS
        while kept_runner(folder) == pid or processes.is_alive(pid):
            if time.monotonic() > deadline:
                processes.kill(pid, signal.SIGKILL)
                raise TimeoutError(f"the demo ({pid}) does not end, and was killed")
            time.sleep(0.05)
    was_there = os.path.exists(os.path.join(folder, RUNNER_FILE))
    if was_there:
        shutil.rmtree(folder, ignore_errors=True)  # Left by a demo that was killed.
    return pid is not None or was_there
