"""What the demo prints: sections, short lines, and what other programs say, live and indented."""

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence

from tandem_demo import processes

INDENT = "   "
_REDRAW = "\r\x1b[K"


def is_terminal() -> bool:
    """Whether somebody looks on, so that a bar can be redrawn in place."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def clock(seconds: float) -> str:
    """`12:34:56.789Z`."""
    moment = time.strftime("%H:%M:%S", time.gmtime(seconds))
    return f"{moment}.{int(seconds * 1000 % 1000):03d}Z"


class Console:
    """Standard output."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def section(self, title: str) -> None:
        """A part of the demo begins."""
        passed = int(time.monotonic() - self.began)
        self._write(f"\n== {title}  [{passed // 60}:{passed % 60:02d}]\n")

    def say(self, text: str) -> None:
        """One line, or several."""
        for line in text.splitlines() or [""]:
            self._write(f"{INDENT}{line}".rstrip() + "\n")

    def command(self, words: Sequence[str]) -> None:
        """A command as it is run."""
        self._write(f"{INDENT}$ {' '.join(words)}\n")

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            # Nobody reads any more, as behind `| head`: go on to the end, and clean up there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def relay(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        seconds: float,
        check: Callable[[], None] = lambda: None,
    ) -> tuple[int, str]:
        """Runs a program and shows what it says as it says it; returns exit code and text.

        On a terminal the program gets one as well, so that its progress bars move. `check` is
        called now and then, and may raise what makes waiting useless. Raises TimeoutError with
        what was said.
        """
        ours, theirs = _terminal() if is_terminal() else os.pipe()
        child = subprocess.Popen(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            env=dict(environment),
            preexec_fn=processes.end_with_parent_hard,
        )
        os.close(theirs)
        deadline = time.monotonic() + seconds
        said = ""
        at_line_start = True
        try:
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"not done in {seconds:g} s:\n{plain(said)}")
                check()
                if not select.select([ours], [], [], min(left, 0.5))[0]:
                    continue
                try:
                    data = os.read(ours, 65536)
                except OSError:
                    data = b""  # How a terminal says that its last user is gone.
                if not data:
                    break
                text = data.decode("utf-8", "replace").replace("\r\n", "\n")
                said += text
                for part in re.split(r"(\n|\r\x1b\[K)", text):
                    if part in ("\n", _REDRAW):
                        self._write(part)
                        at_line_start = True
                    elif part:
                        self._write(INDENT + part if at_line_start else part)
                        at_line_start = False
            return child.wait(5), plain(said)
        finally:
            if not at_line_start:
                self._write("\n")
            os.close(ours)
            if child.poll() is None:
                child.kill()
                child.wait()


def plain(text: str) -> str:
    """What stays of a text on a terminal once all lines are drawn."""
    return "\n".join(line.rpartition(_REDRAW)[2] for line in text.split("\n")).strip("\n")


def _terminal() -> tuple[int, int]:
    """A new terminal as wide as ours, less the indent."""
    ours, theirs = os.openpty()
    rows, columns, *_ = struct.unpack(
        "HHHH", fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, b"\0" * 8)
    )
    size = struct.pack("HHHH", rows or 24, max(20, (columns or 80) - len(INDENT)), 0, 0)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
    return ours, theirs
