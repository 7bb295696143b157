"""Runs tests, each in a process of its own, several at once; as root as another user, from copies."""

import concurrent.futures
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

HERE = os.path.dirname(os.path.realpath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
PYTHON = "/usr/bin/python3"
"""The system's own: another one may lie where only its owner can read."""
NOBODY = 65534
LIMIT_SECONDS = 400
COUNTED = "counted: "
"""What stands before words of a test that are shown also when nothing is wrong."""
PROGRAMS = ("tandem", "tandem-controller", "tandem-agent", "tandem-ha-local")


@dataclass(frozen=True)
class Result:
    """How a test ended."""

    name: str
    is_good: bool
    is_skipped: bool
    seconds: float
    text: str


def copy_for_nobody(folder: str, tests: str) -> str:
    """Copies what the tests need to where another user can read it; returns the tests' folder."""
    for part in sorted({"Tests/EndToEnd", "Deploy/demo", "Deploy/checks.d", tests}):
        shutil.copytree(os.path.join(REPOSITORY, part), os.path.join(folder, part))
    build = os.environ.get("TANDEM_BUILD") or os.path.join(REPOSITORY, ".build/debug")
    os.makedirs(os.path.join(folder, "build"))
    for program in PROGRAMS:
        shutil.copy(os.path.join(build, program), os.path.join(folder, "build", program))
    os.environ["TANDEM_BUILD"] = os.path.join(folder, "build")
    os.chmod(folder, 0o755)
    return os.path.join(folder, tests)


def names(suite: unittest.TestSuite) -> Iterator[str]:
    """The ids of all tests of a suite."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from names(test)
        else:
            yield test.id()


def begin(arguments: Sequence[str], folder: str) -> "subprocess.Popen[str]":
    """Starts a test in a session of its own."""
    identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    return subprocess.Popen(
        list(arguments),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        **identity,  # type: ignore[call-overload]
    )


children: "set[subprocess.Popen[str]]" = set()


def run(name: str, folder: str) -> Result:
    """Runs one test to its end, or to its limit."""
    began = time.monotonic()
    child = begin([PYTHON, "-B", "-m", "unittest", "-v", name], folder)
    children.add(child)
    try:
        text, _ = child.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGINT)  # Its cleanups are run.
        try:
            text, _ = child.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            text, _ = child.communicate()
        text += f"\nnot done in {LIMIT_SECONDS} s\n"
    children.discard(child)
    is_skipped = child.returncode == 0 and "skipped=1" in text.splitlines()[-1]
    return Result(name, child.returncode == 0, is_skipped, time.monotonic() - began, text)


def stop(number: int, _: object) -> None:
    """Ends the tests in good order."""
    for child in list(children):
        child.send_signal(signal.SIGINT)
    sys.exit(128 + number)


def main(tests: str, parts: Sequence[str], end: Callable[[str], None] = lambda _: None) -> int:
    """Runs what lies in `tests`; `end` is given the kit's folder before that is removed.

    Returns the exit code.
    """
    kit = tempfile.mkdtemp(prefix="tandem-e2e-kit-")
    copy = tempfile.mkdtemp(prefix="tandem-e2e-copy-")
    try:
        folder = os.path.join(REPOSITORY, tests)
        if os.getuid() == 0:
            os.chown(kit, NOBODY, NOBODY)
            folder = copy_for_nobody(copy, tests)
        os.environ["TANDEM_E2E_KIT"] = kit
        shared = os.path.join(os.path.dirname(folder), "EndToEnd")
        given = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
        os.environ["PYTHONPATH"] = os.pathsep.join([shared, *given])
        sys.path[:0] = [folder, shared, *given]
        try:
            return run_all(folder, parts)
        finally:
            end(kit)
    finally:
        for one in (kit, copy):
            shutil.rmtree(one, ignore_errors=True)


def run_all(folder: str, parts: Sequence[str]) -> int:
    """Runs all tests that are asked for; returns the exit code."""
    found = sorted(names(unittest.defaultTestLoader.discover(folder)))
    for error in unittest.defaultTestLoader.errors:
        print(error, file=sys.stderr)
    wanted = [name for name in found if not parts or any(part in name for part in parts)]
    workers = int(os.environ.get("TANDEM_E2E_WORKERS") or max(2, os.cpu_count() or 2))
    began = time.monotonic()
    results = []
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signal_number, stop)
        futures = [pool.submit(run, name, folder) for name in wanted]
        for future in concurrent.futures.as_completed(futures):
            result = future.result()
            results.append(result)
            if result.is_skipped:
                continue
            verdict = "ok" if result.is_good else "FAILED"
            print(f"{verdict:6} {result.seconds:5.1f} s  {result.name}", flush=True)
            for line in result.text.splitlines():
                if COUNTED in line and result.is_good:
                    print(line.partition(COUNTED)[2], flush=True)
            if not result.is_good:
                print(result.text, flush=True)
    failed = [result for result in results if not result.is_good]
    skipped = sum(result.is_skipped for result in results)
    passed = len(results) - len(failed) - skipped
    for result in failed:
        print(f"FAILED {result.name}")
    print(f"in {time.monotonic() - began:.0f} s, {skipped} not selected")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed or not results else 0


