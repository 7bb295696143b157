"""The demo from its first line to its last, whatever happens in between."""

import os
import time
import traceback
from collections.abc import Sequence

from tandem_demo.cli import DemoError
from tandem_demo.console import Console
from tandem_demo.programs import REPOSITORY, Programs
from tandem_demo.show import Show
from tandem_demo.supervision import Runner

TAIL_LINES = 25


def play(runner: Runner, programs: Programs, keeps: bool) -> int:
    """Shows everything; returns the exit code, or keeps what runs until it is told to stop."""
    console = Console()
    began = time.monotonic()
    show = Show(runner.folder, programs, console)
    code = 0
    try:
        try:
            show.run()
        except (DemoError, OSError, RuntimeError, LookupError, ValueError) as error:
            code = 1
            tell_failure(show, error)
        show.findings.finish()
        console.section("Summary")
        for line in show.findings.summary(show.alarms.raised_count):
            console.say(line)
        if show.findings.problems:
            code = 1
        console.say(
            f"{'all as it should be' if code == 0 else 'FAILED'}, "
            f"after {time.monotonic() - began:.0f} s"
        )
        if keeps:
            tell_how_to_look_around(console, show)
            runner.keep(code)
    finally:
        show.end()
    return code


def tell_failure(show: Show, error: Exception) -> None:
    """What went wrong, with the logs of those concerned."""
    console = show.console
    console.section("FAILED")
    console.say(f"{type(error).__name__}: {error}")
    if not isinstance(error, DemoError):
        console.say(traceback.format_exc())
    logs = [show.controller.log]
    for cluster in show.at_work:
        console.command(["tandem", "cluster", "show", cluster.name])
        console.say(show.tandem.ask("cluster", "show", cluster.name).text)
        console.command(["tandem", "log", cluster.name])
        console.say(show.tandem.ask("log", cluster.name).text)
        for server in cluster.servers:
            logs += server.logs()
    tell_tails(console, logs)


def tell_tails(console: Console, logs: Sequence[str]) -> None:
    """The last lines of each log that there is."""
    for path in logs:
        if os.path.exists(path) and os.path.getsize(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                last = file.readlines()[-TAIL_LINES:]
            console.say(f"\n--- {path}")
            console.say("".join(last))


def tell_how_to_look_around(console: Console, show: Show) -> None:
    """The lines to copy into another terminal."""
    front_end = show.network.clusters[1].name
    second = os.path.join(show.folder, "second.conf")
    console.section("It goes on running: look around in another terminal")
    for line in (
        f"export TANDEM_CONFIG={show.tandem.configuration}",
        f"export PATH={show.programs.folder}:$PATH",
        "",
        "tandem cluster list",
        f"tandem cluster show {front_end}",
        "tandem watch                                   # live; Ctrl-C ends it",
        f"tandem upgrade start-upgrade {front_end} --reason CHG-1",
        f"tandem upgrade continue-upgrade {front_end}    # and so on, as README.md has it",
        f"tandem upgrade start-rollback {front_end}      # at any stop before accept",
        "tandem alarm list --history",
        "tandem log",
        "",
        f"tandem approve ID --config {second}   # as the second of two people",
        f"tail -f {show.probe.log}   # who answers, and the gaps",
        f"ls {show.folder}/servers   # roots, logs and states of the servers",
        "",
        f"{os.path.join(REPOSITORY, 'Deploy/demo/demo')} --stop",
    ):
        console.say(line)
