"""What clients of a database were told: gaps, two servers that both took writes, rows that are missing."""

from collections.abc import Sequence
from dataclasses import dataclass

SETTLED_SECONDS = 1.0
"""So long commits must have waited for a standby before a row counts as written synchronously."""
DOUBLE_SECONDS = 2.0
"""Receipts of one server, the other and the first again within that time: both took writes."""


@dataclass(frozen=True)
class Receipt:
    """A server has told that a row is written."""

    at: float
    server: str
    row: int
    is_synchronous: bool


def read(path: str) -> list[Receipt]:
    """All of a writer's file, in the order of time; a last line that is not whole is left out."""
    found = []
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if len(words) == 4 and line.endswith("\n"):
                found.append(Receipt(float(words[0]), words[1], int(words[2]), words[3] == "1"))
    return found


def longest_gap(receipts: Sequence[Receipt], began: float, ended: float) -> float:
    """The longest time without a receipt that lies in an interval, or reaches into it."""
    longest = 0.0
    last = began
    for receipt in receipts:
        if receipt.at < began:
            last = receipt.at
        elif receipt.at <= ended:
            longest = max(longest, receipt.at - last)
            last = receipt.at
    return max(longest, ended - last)


def doubles(receipts: Sequence[Receipt]) -> list[str]:
    """Where two servers took writes at once, in words."""
    found = []
    newest: dict[str, Receipt] = {}
    others: dict[str, float] = {}
    """When somebody else wrote last after a server's newest receipt."""
    for receipt in receipts:
        own = newest.get(receipt.server)
        between = others.get(receipt.server)
        if own and between and own.at < between and receipt.at - own.at < DOUBLE_SECONDS:
            found.append(f"{receipt.server} wrote rows {own.row} and {receipt.row} around another's")
        newest[receipt.server] = receipt
        for name in newest:
            if name != receipt.server:
                others[name] = receipt.at
    return found


def synchronous_rows(receipts: Sequence[Receipt]) -> set[int]:
    """Rows whose commit has certainly waited for a standby."""
    since: dict[str, float] = {}
    found = set()
    for receipt in receipts:
        if not receipt.is_synchronous:
            since.pop(receipt.server, None)
        elif receipt.at - since.setdefault(receipt.server, receipt.at) >= SETTLED_SECONDS:
            found.add(receipt.row)
    return found
