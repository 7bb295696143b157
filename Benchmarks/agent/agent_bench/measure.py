"""What a process costs, from /proc."""

import os
import re
from dataclasses import dataclass

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Memory:
    """Of one process, in kB as the kernel counts them."""

    rss: int
    pss: int
    # Pages that nobody else maps.
    private: int
    anonymous: int


@dataclass(frozen=True)
class Processor:
    """CPU seconds since the process began."""

    own: float
    # Of children that have been waited for.
    children: float


def memory(pid: int) -> Memory:
    """From smaps_rollup."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        found = dict(re.findall(r"^(\w+):\s+(\d+) kB$", file.read(), re.MULTILINE))
    return Memory(
        rss=int(found["Rss"]),
        pss=int(found["Pss"]),
        private=int(found["Private_Clean"]) + int(found["Private_Dirty"]),
        anonymous=int(found["Anonymous"]),
    )


def highest_rss(pid: int) -> int:
    """The highest RSS the process ever had, in kB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        found = re.search(r"^VmHWM:\s+(\d+) kB$", file.read(), re.MULTILINE)
    return int(found[1]) if found else 0


def parse_stat(text: str) -> Processor:
    """Reads /proc/PID/stat; the program's name in parentheses may hold anything."""
    fields = text.rpartition(")")[2].split()
    utime, stime, cutime, cstime = (int(field) for field in fields[11:15])
    return Processor((utime + stime) / TICKS_PER_SECOND, (cutime + cstime) / TICKS_PER_SECOND)


def processor(pid: int) -> Processor:
    """From /proc/PID/stat; where the kernel says it, own time to the nanosecond."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        coarse = parse_stat(file.read())
    own = 0.0
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                own += int(file.read().split()[0]) / 1e9
    except (OSError, ValueError):
        return coarse
    return Processor(own or coarse.own, coarse.children)


def descriptors(pid: int) -> list[str]:
    """What each open descriptor leads to."""
    found = []
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{number}"))
        except OSError:
            continue
    return found


def threads(pid: int) -> int:
    """How many threads it has."""
    return len(os.listdir(f"/proc/{pid}/task"))


def maps(pid: int) -> dict[str, Memory]:
    """Memory by mapped file (or `[heap]`, `anonymous`, ...), from smaps."""
    sums: dict[str, list[int]] = {}
    name = ""
    with open(f"/proc/{pid}/smaps", encoding="utf-8") as file:
        for line in file:
            head = re.match(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+\s*(.*)$", line)
            if head:
                name = head[1] or "anonymous"
                continue
            value = re.match(r"^(\w+):\s+(\d+) kB$", line)
            if not value:
                continue
            sum_of_name = sums.setdefault(name, [0, 0, 0, 0])
            index = {
                "Rss": 0, "Pss": 1, "Private_Clean": 2, "Private_Dirty": 2, "Anonymous": 3,
            }.get(value[1])  # fmt: skip
            if index is not None:
                sum_of_name[index] += int(value[2])
    return {name: Memory(*numbers) for name, numbers in sums.items()}


def maps_text(title: str, found: dict[str, Memory]) -> str:
    """A table of `maps`, largest first."""
    lines = [f"\n{title}: kB by mapping", f"{'RSS':>8} {'PSS':>8} {'private':>8} {'anon':>8}"]
    for name, one in sorted(found.items(), key=lambda item: -item[1].rss):
        if one.rss:
            lines.append(f"{one.rss:8} {one.pss:8} {one.private:8} {one.anonymous:8}  {name}")
    return "\n".join(lines)
