"""What came of each cell, kept line by line, and the page that shows it."""

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tandem_lab.cells import ACTIONS, CONTROLLER, FAULTS, VICTIMS, Cell

DOCS = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../../Docs"))
FILE = os.path.join(DOCS, "fault-matrix.csv")
PAGE = os.path.join(DOCS, "fault-matrix.md")
COLUMNS = (
    "date", "driver", "action", "fault", "victim", "verdict", "ends", "outage-seconds", "seconds",
)
NOT_RUN = "not run"
SEVERAL = 2
"""From so many runs on, the count stands beside the newest date."""
INTRODUCTION = """\
# The fault matrix

What happened on real servers (`Deploy/lab`: systemd, dpkg, the HA system named, agents as the units that ship)
when something broke in the middle of an action. `make lab-matrix` runs cells that were never run first and writes this
page; the lines behind it stand in `fault-matrix.csv`, which only grows.

*held*: afterwards the operation could be closed, both servers ran one release by their own package databases, exactly one
had the service address and answered there, no alarm was left; nobody was without service for more than 60 s
unless the fault itself took the server that served away; never two at once, but for the moment in which VRRP elects, and for
servers that the fault itself cut off from each other. Seconds are the longest time in which nobody answered.
*FAILED*: one of these did not hold; the reason stands in the file.
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
    parts = [INTRODUCTION, _summary(lines, runs)]
    parts += [_table(driver, runs) for driver in drivers]
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
    columns = [(fault, victim) for fault in FAULTS for victim in VICTIMS]
    columns.append(("kill", CONTROLLER))
    rows = [f"## {driver}\n"]
    rows.append("| fault, victim | " + " | ".join(ACTIONS) + " |")
    rows.append("| --- |" + " --- |" * len(ACTIONS))
    for fault, victim in columns:
        squares = (_square(runs.get(Cell(driver, action, fault, victim), [])) for action in ACTIONS)
        rows.append(f"| {fault}, {victim} | " + " | ".join(squares) + " |")
    return "\n".join(rows) + "\n"


def _square(of_cell: Sequence[Line]) -> str:
    if not of_cell:
        return NOT_RUN
    newest = of_cell[-1]
    word = f"held {float(newest.outage):.1f} s" if newest.is_good else "FAILED"
    count = f" ({len(of_cell)})" if len(of_cell) >= SEVERAL else ""
    return f"{word}, {newest.date}{count}"
