"""Starting, finding and ending processes as an init must; Linux only."""

import ctypes
import os
import signal
import time
from collections.abc import Mapping, Sequence

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    """Raises OSError where the kernel refuses."""
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def become_subreaper() -> None:
    """Orphans among the descendants become children of this process, as they would of PID 1."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_with_parent(number: int) -> None:
    """This process gets that signal when its parent dies."""
    _prctl(PR_SET_PDEATHSIG, number)


def end_with_parent_hard() -> None:
    """For a child about to be executed: it is killed when its parent dies."""
    end_with_parent(signal.SIGKILL)


def spawn(arguments: Sequence[str], environment: Mapping[str, str], log: str) -> int:
    """Starts a program in a session of its own; it dies with its parent. Returns the pid.

    Standard output and error are appended to `log`. A program that can't be executed exits 127.
    """
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        end_with_parent(signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(127)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        null = os.open("/dev/null", os.O_RDONLY)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir("/")
        os.execve(arguments[0], list(arguments), dict(environment))
    except OSError as error:
        os.write(2, f"can't execute {arguments[0]}: {error}\n".encode())
    finally:
        os._exit(127)


def _words(pid: str) -> list[str]:
    """The fields of `/proc/PID/stat` from the state on; raises OSError when it is gone."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()


def _stat(pid: str) -> tuple[int, int, str]:
    """Parent, session and state of a process; raises OSError when it is gone."""
    words = _words(pid)
    return int(words[1]), int(words[3]), words[0]


def start_time(pid: int) -> str:
    """When a process began: with the pid it names one process of this boot. Raises OSError."""
    return _words(str(pid))[19]


def is_alive(pid: int) -> bool:
    """Whether a process runs; a dead one that nobody took in does not."""
    try:
        return _stat(str(pid))[2] not in "ZX"
    except (OSError, IndexError):
        return False


def _table() -> dict[int, tuple[int, int, str]]:
    """All processes that can be seen, without those that are dead already."""
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                table[int(name)] = _stat(name)
            except (OSError, IndexError, ValueError):
                continue
    return {pid: entry for pid, entry in table.items() if entry[2] not in "ZX"}


def descendants() -> list[int]:
    """Every living process below this one."""
    table = _table()
    found = [os.getpid()]
    for ancestor in found:  # Grows while it is walked.
        found += [pid for pid, entry in table.items() if entry[0] == ancestor]
    return found[1:]


def session_members(session: int) -> list[int]:
    """Every living process of a session."""
    return [pid for pid, entry in _table().items() if entry[1] == session]


def kill(pid: int, number: int) -> None:
    """Sends a signal; a process that is gone already is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def reap() -> list[tuple[int, int]]:
    """Takes all dead children in; returns (pid, exit code or minus the signal)."""
    dead: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return dead
        if pid == 0:
            return dead
        dead.append((pid, os.waitstatus_to_exitcode(status)))


def kill_descendants(seconds: float = 10.0) -> list[tuple[int, int]]:
    """Kills everything below this process, as a power loss does; returns who died.

    Again and again, since a process may fork while the table is read. Raises TimeoutError.
    """
    deadline = time.monotonic() + seconds
    dead: list[tuple[int, int]] = []
    while living := descendants():
        for pid in living:
            kill(pid, signal.SIGKILL)
        time.sleep(0.002)
        dead += reap()
        if time.monotonic() > deadline:
            raise TimeoutError(f"still there: {living}")
    return dead + reap()
