"""What came of each cell, kept line by line, and the page that shows it."""

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tandem_lab import gaps
from tandem_lab.cells import Cell, actions_of, columns, exists

DOCS = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../../Docs"))
FILE = os.path.join(DOCS, "fault-matrix.csv")
PAGE = os.path.join(DOCS, "fault-matrix.md")
COLUMNS = (
    "date", "driver", "action", "fault", "victim", "verdict", "ends", "outage-seconds", "seconds",
)
NOT_RUN = "not run"
NO_SUCH = "-"
SEVERAL = 2
"""From so many runs on, the count stands beside the newest date."""
INTRODUCTION = """\
# The fault matrix

What happened on real servers (`Deploy/lab`: systemd, dpkg, the HA system named, agents as the units that ship)
when something broke in the middle of an action. `make lab-matrix` runs cells that were never run first and writes this
page; the lines behind it stand in `fault-matrix.csv`, which only grows.

*held*: afterwards the operation could be closed, all servers ran one release by their own package databases, exactly one
served and was the one shown active, no alarm was left. Nobody was without service for more than the 60 s of a failover,
unless the fault itself took the server that served away. Never two at once, but for the moment in which VRRP elects and for
keepalived servers that the fault itself hid from each other. Of databases no row was lost that had waited for a standby, and no two
servers took writes around each other. Seconds are the longest time in which nobody answered. *FAILED*: one of these did
not hold; the reason stands below. *not run*: never tried. *-*: the fault means nothing there.

The one exception, printed where it was seen: a `postgresql` target that freezes above 4 s inside its own promotion may serve beside its
mate after its thaw, until it fences itself within 7 s (70581 is raised).
"""
GAPS = """\
## Failover without a fault

The longest time in which nobody answered (databases: in which no row was acknowledged): the median, the longest, how many.
"""


@dataclass(frozen=True)
class Line:
    """One run of one cell."""

    date: str
    cell: Cell
    verdict: str
    ends: str
    outage: str
    seconds: str

    @property
    def is_good(self) -> bool:
        """Whether everything held."""
        return self.verdict == "held"


def read() -> list[Line]:
    """All runs, oldest first."""
    if not os.path.exists(FILE):
        return []
    with open(FILE, encoding="utf-8", newline="") as file:
        return [
            Line(
                row["date"],
                Cell(row["driver"], row["action"], row["fault"], row["victim"]),
                row["verdict"],
                row["ends"],
                row["outage-seconds"],
                row["seconds"],
            )
            for row in csv.DictReader(file)
        ]


def add(line: Line) -> None:
    """Appends a run."""
    is_new = not os.path.exists(FILE)
    with open(FILE, "a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(COLUMNS)
        cell = line.cell
        writer.writerow(
            (
                line.date, cell.driver, cell.action, cell.fault, cell.victim, line.verdict,
                line.ends, line.outage, line.seconds,
            )
        )


def write_page(drivers: Sequence[str]) -> None:
    """The page, made anew from all runs."""
    lines = read()
    runs: dict[Cell, list[Line]] = {}
    for line in lines:
        runs.setdefault(line.cell, []).append(line)
    parts = [INTRODUCTION, _summary(lines, runs), GAPS, gaps.table(gaps.read())]
    parts += [_table(driver, runs) for driver in dict.fromkeys(drivers)]
    failures = [line for line in lines if not line.is_good]
    if failures:
        parts.append("## What did not hold\n")
        parts.append(
            "".join(f"- {line.date} {line.cell.text}: {line.verdict}\n" for line in failures)
        )
    with open(f"{PAGE}.new", "w", encoding="utf-8") as file:
        file.write("\n".join(parts))
    os.replace(f"{PAGE}.new", PAGE)


def _summary(lines: Sequence[Line], runs: Mapping[Cell, Sequence[Line]]) -> str:
    good = sum(of_cell[-1].is_good for of_cell in runs.values())
    dates = sorted(line.date for line in lines)
    if not dates:
        return "Nothing has been run yet.\n"
    return (
        f"{len(lines)} runs of {len(runs)} cells from {dates[0]} to {dates[-1]}; at the newest run of each, "
        f"{good} held and {len(runs) - good} did not.\n"
    )


def _table(driver: str, runs: Mapping[Cell, Sequence[Line]]) -> str:
    actions = list(actions_of(driver))
    rows = [f"## {driver}\n"]
    rows.append("| fault, victim | " + " | ".join(actions) + " |")
    rows.append("| --- |" + " --- |" * len(actions))
    for fault, victim in columns(driver):
        squares = []
        for action in actions:
            cell = Cell(driver, action, fault, victim)
            squares.append(_square(runs.get(cell, [])) if exists(cell) else NO_SUCH)
        rows.append(f"| {fault}, {victim} | " + " | ".join(squares) + " |")
    return "\n".join(rows) + "\n"


def _square(of_cell: Sequence[Line]) -> str:
    if not of_cell:
        return NOT_RUN
    newest = of_cell[-1]
    word = f"held {float(newest.outage):.1f} s" if newest.is_good else "FAILED"
    count = f" ({len(of_cell)})" if len(of_cell) >= SEVERAL else ""
    return f"{word}, {newest.date}{count}"
