"""The table that `make bench-agent` prints."""

import os
from dataclasses import dataclass

from . import binary
from .session import HEARTBEAT_SECONDS, Result

# Decimal megabytes of the kernel's kB, as all our memory figures.
RSS_LIMIT_KB = 12_000
PSS_LIMIT_KB = 8_000
CPU_LIMIT_SECONDS = 0.05
FRAME_LIMIT_BYTES = 100
# RHEL 9 and its rebuilds.
GLIBC_LIMIT = "2.34"
GLIBCXX_LIMIT = "3.4.29"
# TLS 1.3 with AES-GCM: record header 5, content type 1, tag 16.
TLS_RECORD_BYTES = 22


@dataclass(frozen=True)
class Row:
    """One line; `is_over` is None where there is no limit."""

    name: str
    agent: str
    plain: str = ""
    limit: str = ""
    is_over: bool | None = None
    # Counts are the same on every machine and fail the run; times are shown only.
    is_count: bool = True

    @property
    def is_failure(self) -> bool:
        """Whether the run fails because of it."""
        return bool(self.is_over) and self.is_count


def _megabytes(kilobytes: int) -> str:
    return f"{kilobytes / 1000:.2f} MB"


def rows(program: str, needs: binary.Needs, result: Result) -> list[Row]:
    """Every line of the table."""
    agent, plain = result.agent, result.plain
    frame = max(result.heartbeat_sizes)
    own = result.agent_processor.own
    found = [
        Row("RSS", _megabytes(agent.rss), _megabytes(plain.rss), _megabytes(RSS_LIMIT_KB),
            agent.rss > RSS_LIMIT_KB),
        Row("PSS", _megabytes(agent.pss), _megabytes(plain.pss), _megabytes(PSS_LIMIT_KB),
            agent.pss > PSS_LIMIT_KB),
        Row("private", _megabytes(agent.private), _megabytes(plain.private)),
        Row("anonymous", _megabytes(agent.anonymous), _megabytes(plain.anonymous)),
        Row("highest RSS since start", _megabytes(result.agent_highest_rss),
            _megabytes(result.plain_highest_rss)),
        Row("own CPU per minute", f"{own:.3f} s", f"{result.plain_processor.own:.3f} s",
            f"{CPU_LIMIT_SECONDS} s", own > CPU_LIMIT_SECONDS, is_count=False),
        Row("children's CPU per minute", f"{result.agent_processor.children:.2f} s"),
        Row("heartbeat frame", f"{frame} bytes", "", f"{FRAME_LIMIT_BYTES} bytes",
            frame >= FRAME_LIMIT_BYTES),
        Row("  the same as a TLS record", f"{frame + TLS_RECORD_BYTES} bytes"),
        Row("heartbeats sent", str(len(result.heartbeat_sizes))),
        Row("HA driver calls", str(result.driver_call_count)),
        Row("open descriptors", str(result.agent_descriptors), str(result.plain_descriptors)),
        Row("threads", str(result.agent_threads), str(result.plain_threads)),
        Row("program file", f"{os.path.getsize(program) / 1e6:.2f} MB"),
    ]  # fmt: skip
    for family, limit in (("GLIBC", GLIBC_LIMIT), ("GLIBCXX", GLIBCXX_LIMIT)):
        version = needs.versions.get(family)
        if version:
            is_over = binary.exceeds(version, limit)
            found.append(Row(f"needs {family}", version, "", limit, is_over))
    return found


def text(found: list[Row], result: Result) -> str:
    """The table with its heading."""
    heading = (
        f"\nIdle for {result.seconds:.0f} s at a {HEARTBEAT_SECONDS} s heartbeat, mutual TLS 1.3, "
        f"a watchdog,\na package database of {result.package_count} packages; "
        f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n"
    )
    cells = [("", "tandem-agent", "openssl s_client", "limit", "")]
    for row in found:
        verdict = {None: "", False: "OK", True: "EXCEEDED"}[row.is_over]
        cells.append((row.name, row.agent, row.plain, row.limit, verdict))
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    lines = [
        "  ".join(
            [line[0].ljust(widths[0])]
            + [line[column].rjust(widths[column]) for column in range(1, 4)]
            + [line[4]]
        ).rstrip()
        for line in cells
    ]
    return heading + "\n" + "\n".join(lines)
