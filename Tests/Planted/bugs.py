"""The planted bugs: what the data files beside this one say, and whether they still fit the sources."""

import glob
import os
import tomllib
from dataclasses import dataclass

HERE = os.path.dirname(os.path.realpath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
SWITCH = "PLANTED"
"""Stands in a bug's new text for the question whether this bug is switched on."""
KEYS = {"name", "would", "holds", "file", "old", "new", "catcher"}


class Stale(Exception):
    """The data does not fit the sources, or itself."""


@dataclass(frozen=True)
class Bug:
    """One planted bug."""

    name: str
    would: str
    """What it would do to an operator, in one sentence."""
    holds: str
    """The predicate of safety or the rule that it breaks."""
    file: str
    old: str
    new: str
    catchers: tuple[str, ...]
    """Each must catch it: a program of `catch.PROGRAMS` with its words, or what `swift test --filter` takes."""
    group: str

    @property
    def is_of_shells(self) -> bool:
        """Whether it needs targets that take longer to build."""
        return self.group == "shells"


@dataclass(frozen=True)
class Edit:
    """A bug's text and where in the original file it goes."""

    start: int
    end: int
    bug: Bug

    @property
    def text(self) -> str:
        """The text that holds both ways, with the switch between them."""
        return self.bug.new.replace(SWITCH, f'planted("{self.bug.name}")')


def read() -> list[Bug]:
    """All bugs, in the order of the files' names and then of the text."""
    bugs: list[Bug] = []
    for path in sorted(glob.glob(os.path.join(HERE, "*.toml"))):
        group = os.path.splitext(os.path.basename(path))[0]
        with open(path, "rb") as file:
            entries = tomllib.load(file).get("bug", [])
        for entry in entries:
            name = entry.get("name", "a bug without a name")
            if set(entry) != KEYS:
                raise Stale(f"{group}: {name}: has {sorted(entry)}, needs {sorted(KEYS)}")
            # TOML keeps the line end before the closing quotes; the anchors are without it.
            texts = {key: entry[key].strip("\n") for key in ("old", "new")}
            catcher = entry["catcher"]
            catchers = (catcher,) if isinstance(catcher, str) else tuple(catcher)
            if not catchers:
                raise Stale(f"{group}: {name}: nothing is to catch it")
            facts = {key: entry[key] for key in ("name", "would", "holds", "file")}
            bugs.append(Bug(**facts, **texts, catchers=catchers, group=group))
    names = [bug.name for bug in bugs]
    for name in names:
        if names.count(name) > 1:
            raise Stale(f"{name}: this name is given twice")
    return bugs


def edits(bugs: list[Bug]) -> dict[str, list[Edit]]:
    """For each file that is changed its edits, in order; refuses anchors that went stale."""
    found: dict[str, list[Edit]] = {}
    problems: list[str] = []
    for bug in bugs:
        try:
            with open(os.path.join(REPOSITORY, bug.file), encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            problems.append(f"{bug.name}: there is no {bug.file}")
            continue
        count = text.count(bug.old)
        if count != 1:
            problems.append(f"{bug.name}: its anchor is {count} times in {bug.file}, not once")
        elif SWITCH not in bug.new:
            problems.append(f"{bug.name}: its new text does not ask {SWITCH}")
        else:
            start = text.index(bug.old)
            found.setdefault(bug.file, []).append(Edit(start, start + len(bug.old), bug))
    for file, ones in found.items():
        ones.sort(key=lambda edit: edit.start)
        for one, next_one in zip(ones, ones[1:]):
            if one.end > next_one.start:
                names = f"{one.bug.name} and {next_one.bug.name}"
                problems.append(f"{names}: their anchors overlap in {file}")
    if problems:
        raise Stale("\n".join(problems))
    return found
