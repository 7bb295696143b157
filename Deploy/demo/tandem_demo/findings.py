"""What the demo found: outages, own time, and everything that is not as it should be."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

GAP_MILLISECONDS = float(os.environ.get("DEMO_GAP_MILLISECONDS") or 3000)
"""A failover longer than that is a finding; the rule for all of Tandem is 60 s (T_fo)."""
OWN_MILLISECONDS = 250
COMPLETED_MIN = 6


@dataclass
class Findings:
    """Numbers for the summary, and findings that make the demo fail."""

    completed: int = 0
    rollbacks: int = 0
    failovers: list[tuple[str, float]] = field(default_factory=list)
    """Each failover with its longest gap in milliseconds."""
    own: list[tuple[str, int]] = field(default_factory=list)
    """Each command that ran dpkg, with what was ours of its time in milliseconds."""
    problems: list[str] = field(default_factory=list)

    def bad(self, text: str) -> None:
        """Something is not as it should be; the demo goes on and fails at its end."""
        self.problems.append(text)

    def take_gaps(self, label: str, addresses: Mapping[str, Any], failed_over: str) -> list[str]:
        """Looks at what the probe saw during an action; returns lines to print."""
        told = []
        for name, tally in addresses.items():
            if name == failed_over:
                told.append(self._take_failover(label, tally))
            elif tally["outages"] or tally["changes"]:
                longest = tally["longest-outage-milliseconds"]
                self.bad(f"{name} was interrupted for {longest:.0f} ms during `{label}`")
        return told

    def _take_failover(self, label: str, tally: Mapping[str, Any]) -> str:
        """The gap of the address that was handed over."""
        if not tally["changes"]:
            self.bad(f"the probe saw no other server during `{label}`")
            return "  probe: no other server answers"
        gap = tally["longest-gap"]
        milliseconds = float(gap["gap-milliseconds"])
        self.failovers.append((label, milliseconds))
        if milliseconds > GAP_MILLISECONDS:
            self.bad(f"`{label}`: a gap of {milliseconds:.0f} ms, above {GAP_MILLISECONDS:.0f}")
        return f"  probe: longest gap {milliseconds:.0f} ms, {gap['from']} -> {gap['to']}"

    def take_own(self, label: str, log: Sequence[Mapping[str, Any]]) -> list[str]:
        """Looks at the newest action of an upgrade log; returns lines to print."""
        newest = next((entry for entry in log if entry["stepIndex"] == 0), None)
        told = []
        for entry in log:
            own = entry.get("ownMilliseconds")
            if newest is None or entry["action"] != newest["action"] or own is None:
                continue
            if not entry["text"].startswith(("install ", "back-out ")):
                continue
            # What the controller needed from the command's end to the action's is ours as well.
            own += max(0, newest["endedAt"]["milliseconds"] - entry["endedAt"]["milliseconds"])
            self.own.append((label, own))
            whole = entry["durationMilliseconds"]
            told.append(f"  ours: {own} ms of {whole} ms ({entry['text']})")
            if own >= OWN_MILLISECONDS:
                self.bad(f"`{label}`: {own} ms of our own, {OWN_MILLISECONDS} are allowed")
        return told

    def finish(self) -> None:
        """What has to be there at the end."""
        if self.completed < COMPLETED_MIN:
            self.bad(f"only {self.completed} actions completed")
        if not self.rollbacks:
            self.bad("nothing was rolled back")
        if not self.failovers:
            self.bad("no failover was measured")
        if not self.own:
            self.bad("nobody told how much of an action's time was our own")

    def summary(self, raised_count: int) -> list[str]:
        """Lines for the end."""
        lines = [f"actions completed successfully: {self.completed}"]
        lines.append(f"alarms raised and cleared: {raised_count}")
        for label, milliseconds in self.failovers:
            lines.append(f"longest gap: {milliseconds:4.0f} ms  {label}")
        if self.own:
            label, own = max(self.own, key=lambda entry: entry[1])
            lines.append(f"most time of our own in an action: {own} ms  {label}")
        return lines + [f"NOT AS IT SHOULD BE: {problem}" for problem in self.problems]
