"""The demo from its first line to its last, whatever happens in between."""

import os
import shlex
import subprocess
import time
import traceback
from collections.abc import Sequence

from tandem_demo.cli import DemoError
from tandem_demo.console import Console
from tandem_demo.programs import REPOSITORY, Programs
from tandem_demo.show import Show
from tandem_demo.site import Site
from tandem_demo.supervision import Runner

ERRORS = (
    DemoError,
    OSError,
    RuntimeError,
    LookupError,
    ValueError,
    subprocess.SubprocessError,
)
"""What ends the show, but not what comes after it."""
TAIL_LINES = 25


def play(runner: Runner, programs: Programs, keeps: bool) -> int:
    """Shows everything; returns the exit code, or keeps what runs until it is told to stop."""
    console = Console()
    began = time.monotonic()
    site = Site(runner.folder, programs, console)
    show = Show(site)
    code = 0
    try:
        try:
            site.make()
            show.run()
            show.findings.finish()
        except ERRORS as error:
            code = 1
            tell_failure(site, error)
        console.section("Summary")
        for line in show.findings.summary(site.alarms.raised_count):
            console.say(line)
        if show.findings.problems:
            code = 1
        console.say(
            f"{'all as it should be' if code == 0 else 'FAILED'}, "
            f"after {time.monotonic() - began:.0f} s"
        )
        if keeps:
            tell_how_to_look_around(console, site)
            runner.keep(code)
    finally:
        site.end()
    return code


def tell_failure(site: Site, error: Exception) -> None:
    """What went wrong, with the logs of those concerned."""
    console = site.console
    console.section("FAILED")
    console.say(f"{type(error).__name__}: {error}")
    if not isinstance(error, DemoError):
        console.say(traceback.format_exc())
    logs = [site.controller.log]
    for cluster in site.at_work:
        for words in (["cluster", "show", cluster.name], ["log", cluster.name]):
            console.command(["tandem", *words])
            try:
                console.say(site.tandem.ask(*words).text)
            except ERRORS as another:
                console.say(str(another))
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


def tell_how_to_look_around(console: Console, site: Site) -> None:
    """The lines to copy into another terminal."""
    front_end = site.network.clusters[1].name
    folder = shlex.quote(site.folder)
    console.section("It goes on running: look around in a browser")
    for line in (
        f"{site.page}{site.one_time_sign_in()}",
        "    signs in as olivia, once, within 10 minutes; your browser warns, or trusts",
        f"    {folder}/ca/operators-ca.pem",
        "    Another link:  tandem-controller people one-time-sign-in olivia --config "
        f"{shlex.quote(site.controller.configuration)}",
    ):
        console.say(line)
    console.section("Or in another terminal")
    for line in (
        f"export TANDEM_CONFIG={shlex.quote(site.tandem.configuration)}",
        f"export PATH={shlex.quote(site.programs.folder)}:$PATH",
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
        f"tandem approve ID --config {folder}/second.conf   # as the second of two people",
        f"tail -f {folder}/probe.log   # who answers, and the gaps",
        f"ls {folder}/servers   # roots, logs and states of the servers",
        "",
        f"{shlex.quote(os.path.join(REPOSITORY, 'Deploy/demo/demo'))} --stop",
    ):
        console.say(line)
