"""Writes the release description of a demo release, with its packages and hooks beside it."""

import os
from dataclasses import dataclass, field

from tandem_demo import packages

TEMPLATES = os.path.join(packages.HERE, "release")


@dataclass(frozen=True)
class Surroundings:
    """What a release says about other releases."""

    previous: list[str] = field(default_factory=list)
    """Versions it installs over and rolls back to."""
    minimum_cmp: str = ""
    schema: str = "1"
    """Last part of the name of the cluster configuration's form."""
    replicates_with_previous: bool = True
    carries_data: bool = False
    """Whether a hook of its own brings the data over where nothing replicates."""


def _without_blocks(text: str, left_out: str) -> str:
    """A template without its blocks of that name: lines from `#if NAME` to `#end`; others stay."""
    found, skips = [], False
    for line in text.splitlines(keepends=True):
        if line.startswith("#if "):
            skips = line.split()[1] == left_out
        elif line.startswith("#end"):
            skips = False
        elif not skips:
            found.append(line)
    return "".join(found)


def write(
    recipe: packages.Recipe, surroundings: Surroundings, folder: str, templates: str = TEMPLATES
) -> str:
    """Builds the release into `folder`; returns the path of its `release.yaml`."""
    files = packages.build(recipe, os.path.join(folder, "packages"))
    packages.copy_hooks(os.path.join(folder, "hooks"))
    partners = surroundings.previous if surroundings.replicates_with_previous else []
    replicates_with = sorted({*partners, recipe.version})
    words = {
        "VERSION": recipe.version,
        "PACKAGE_FORMAT": recipe.package_format,
        "DATE": str(recipe.date_seconds),
        "PREVIOUS": ", ".join(surroundings.previous),
        "MINIMUM_CMP": surroundings.minimum_cmp,
        "COMMON_FILE": recipe.file_name("common"),
        "SERVER_FILE": recipe.file_name("server"),
        "SCHEMA": surroundings.schema,
        "BUILD_ID": recipe.build_id,
        "REPLICATES_WITH": ", ".join(replicates_with),
        "TAKEOVER": "allowed" if surroundings.replicates_with_previous else "held",
        "SPACE": str(2 * sum(os.path.getsize(file) for file in files)),
    }
    template = os.path.join(templates, f"{recipe.product}.yaml.in")
    with open(template, encoding="utf-8") as file:
        text = file.read()
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    text = _without_blocks(text, "" if surroundings.carries_data else "carry")
    path = os.path.join(folder, "release.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path
