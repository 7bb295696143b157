"""Runs one catcher with one bug switched on, or with none."""

import os
import re
import subprocess
import time
from dataclasses import dataclass

from tree import BUILD, TREE, VARIABLE

LIMIT_SECONDS = 300
"""A catcher that takes longer has not answered: that is an error, not a catch."""
TESTS = os.path.join(BUILD, "tandemPackageTests.xctest")
PROGRAMS = {
    "tandem-simulate": re.compile(r"\s*(FAILED seed .*)"),
    "tandem-model-check": re.compile(r"VIOLATION: (.*)"),
}
"""The catchers that are no test, and how each of their findings begins."""
ISSUE = re.compile(r"✘ Test (?P<test>.+?) recorded an issue.*? at (?P<place>\S+?:\d+):\d+: (?P<text>.*)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
COUNT = re.compile(r"Test run with (\d+) tests?")


class NoAnswer(Exception):
    """The catcher ran no test or no seed, or did not end."""


@dataclass(frozen=True)
class Verdict:
    """What one run of a catcher came to."""

    is_caught: bool
    finding: str
    """The first thing that was found; empty when nothing was."""
    seconds: float


def command(catcher: str) -> list[str]:
    """The program behind a catcher."""
    words = catcher.split()
    if words[0] in PROGRAMS:
        return [os.path.join(BUILD, words[0]), *words[1:]]
    return [TESTS, "--testing-library", "swift-testing", "--filter", catcher]


def finding(catcher: str, text: str) -> str:
    """The first line that says what was wrong."""
    pattern = PROGRAMS.get(catcher.split()[0])
    for line in text.splitlines():
        if pattern:
            if match := pattern.match(line):
                return match[1]
            continue
        if match := ISSUE.search(line):
            return f"{match['test']} ({match['place']}): {match['text']}"
    return ""


def run(catcher: str, bug: str = "") -> Verdict:
    """Runs a catcher with the bug of that name switched on."""
    environment = {**os.environ, VARIABLE: bug, "NO_COLOR": "1"}
    began = time.monotonic()
    try:
        done = subprocess.run(
            command(catcher),
            cwd=TREE,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise NoAnswer(f"{catcher}: no end within {LIMIT_SECONDS} s") from error
    seconds = time.monotonic() - began
    if done.returncode == 0:
        check_ran(catcher, COLOUR.sub("", done.stdout))
        return Verdict(False, "", seconds)
    words = finding(catcher, COLOUR.sub("", done.stdout))
    if not words and done.returncode < 0:
        words = f"trapped, signal {-done.returncode}"
    if not words:
        raise NoAnswer(f"{catcher}: exit {done.returncode}, nothing found:\n{done.stdout[-800:]}")
    return Verdict(True, words, seconds)


def check_ran(catcher: str, text: str) -> None:
    """A catcher that matches no test passes always, and proves nothing."""
    if catcher.split()[0] in PROGRAMS:
        return
    match = COUNT.search(text)
    if match is None or match[1] == "0":
        raise NoAnswer(f"{catcher}: no test has this name")
