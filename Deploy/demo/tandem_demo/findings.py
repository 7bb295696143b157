"""What the demo found: outages, own time, and everything that is not as it should be."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

GAP_MILLISECONDS = float(os.environ.get("DEMO_GAP_MILLISECONDS") or 3000)
"""A failover longer than that is a finding; the rule for all of Tandem is 60 s (T_fo)."""
OWN_MILLISECONDS = 250
COMPLETED_MIN = 6
INSTALLING = ("install ", "back-out ")
"""How the upgrade log begins the lines of commands that run dpkg."""


@dataclass
class Findings:
    """Numbers for the summary, and findings that make the demo fail."""

    completed: int = 0
    rollbacks: int = 0
    failovers: list[tuple[str, float]] = field(default_factory=list)
    """Each failover with its longest gap in milliseconds."""
    own: list[tuple[str, int]] = field(default_factory=list)
    """Each command that ran dpkg, with what was ours of its time in milliseconds."""
    own_not_judged: int = 0
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

    def take_own(self, label: str, log: Sequence[Mapping[str, Any]], excuse: str) -> list[str]:
        """Looks at the newest action of an upgrade log; returns lines to print.

        Ours is what the agent says of the command that ran dpkg, and of the time from its end to
        the end of the action all but what the agent says its children took. With an excuse, a
        machine that was busy with something else, it is told and not judged.
        """
        action = next((entry for entry in log if entry["stepIndex"] == 0), None)
        if action is None or not action.get("endedAt"):
            return []
        commands = [
            entry
            for entry in log
            if entry["action"] == action["action"] and entry.get("ownMilliseconds") is not None
        ]
        commands.sort(key=lambda entry: int(entry["endedAt"]["milliseconds"]))
        told = []
        for index, entry in enumerate(commands):
            if not entry["text"].startswith(INSTALLING):
                continue
            own = entry["ownMilliseconds"] + _milliseconds(entry, action)
            for later in commands[index + 1 :]:
                own += later["ownMilliseconds"] - later["durationMilliseconds"]
            self.own.append((label, own))
            whole = entry["durationMilliseconds"] + _milliseconds(entry, action)
            line = f"  ours after dpkg: {own} ms of {whole} ms ({entry['text']})"
            is_judged = own < OWN_MILLISECONDS or not excuse
            told.append(line if is_judged else f"{line}; not judged: {excuse}")
            self.own_not_judged += not is_judged
            if own >= OWN_MILLISECONDS and is_judged:
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
            lines.append(f"most of our own after dpkg: {own} ms  {label}")
        if self.own_not_judged:
            lines.append(
                f"not judged on this busy machine: {self.own_not_judged} of {len(self.own)}"
            )
        return lines + [f"NOT AS IT SHOULD BE: {problem}" for problem in self.problems]


def _milliseconds(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> int:
    """Between the ends of two lines, by the controller's clock."""
    begins, ends = (int(entry["endedAt"]["milliseconds"]) for entry in (earlier, later))
    return max(0, ends - begins)
