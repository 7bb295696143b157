"""Runs the system's own tools; what they say is in the error."""

import subprocess
from collections.abc import Mapping, Sequence

ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}
LIMIT_SECONDS = 120.0


class CommandError(Exception):
    """A tool ended with something else than 0."""


def ask(
    *words: str,
    limit: float = LIMIT_SECONDS,
    environment: Mapping[str, str] = ENVIRONMENT,
    text: str | None = None,
) -> tuple[int, str]:
    """Exit code, and both outputs together; 124 if it did not end in time."""
    try:
        done = subprocess.run(
            words,
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            text=True,
            errors="replace",
            timeout=limit,
            check=False,
        )
    except FileNotFoundError:
        return 127, f"{words[0]} is not installed"
    except subprocess.TimeoutExpired:
        return 124, f"did not end in {limit:.0f} s"
    return done.returncode, done.stdout.strip()


def do(*words: str, limit: float = LIMIT_SECONDS, text: str | None = None) -> str:
    """What it said; raises CommandError."""
    code, said = ask(*words, limit=limit, text=text)
    if code:
        raise CommandError(f"{_shown(words)} ended with {code}: {said or 'it said nothing'}")
    return said


def do_all(lines: Sequence[str]) -> None:
    """One command a line, words parted by blanks."""
    for line in lines:
        do(*line.split())


def _shown(words: Sequence[str]) -> str:
    text = " ".join(words)
    return text if len(text) < 160 else f"{text[:157]}..."
