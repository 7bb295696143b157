"""How long nobody served at a failover: by Tandem, and by the HA system alone."""

import csv
import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tandem_lab.plan import REPOSITORY

FILE = os.path.join(REPOSITORY, "Docs/failover-gaps.csv")
COLUMNS = ("date", "driver", "by", "seconds")
TANDEM, ITSELF = "tandem", "ha-system"


@dataclass(frozen=True)
class Sample:
    """One failover without a fault."""

    date: str
    driver: str
    by: str
    seconds: float


def read() -> list[Sample]:
    """All that were measured, oldest first."""
    if not os.path.exists(FILE):
        return []
    with open(FILE, encoding="utf-8", newline="") as file:
        return [
            Sample(row["date"], row["driver"], row["by"], float(row["seconds"]))
            for row in csv.DictReader(file)
        ]


def add(samples: Iterable[Sample]) -> None:
    """Appends."""
    is_new = not os.path.exists(FILE)
    with open(FILE, "a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(COLUMNS)
        for one in samples:
            writer.writerow((one.date, one.driver, one.by, f"{one.seconds:.2f}"))


def table(samples: Sequence[Sample]) -> str:
    """One row for each driver: median and longest, by Tandem and by the HA system alone."""
    rows = ["| driver | by Tandem | by the HA system alone |", "| --- | --- | --- |"]
    for driver in sorted({sample.driver for sample in samples}):
        own = [
            _cell([one.seconds for one in samples if (one.driver, one.by) == (driver, by)])
            for by in (TANDEM, ITSELF)
        ]
        rows.append(f"| {driver} | {own[0]} | {own[1]} |")
    return "\n".join(rows) + "\n"


def _cell(seconds: Sequence[float]) -> str:
    if not seconds:
        return "not measured"
    middle = statistics.median(seconds)
    return f"{middle:.2f} s, longest {max(seconds):.2f} s ({len(seconds)})"
