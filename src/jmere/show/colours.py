"""Colours of tags; the tag's name always stands beside its colour."""

from __future__ import annotations

from collections.abc import Iterable

TYPES = ("#a6cee3", "#fdbf6f", "#b2df8a", "#fb9a99", "#cab2d6", "#ffff99")
RELATIONS = ("#f2e6ff", "#e0f3f0", "#fff0d9", "#e8eef7", "#fde4ec", "#eef5d8", "#f0e6dc")


def type_colours(types: Iterable[str]) -> dict[str, str]:
    """A colour for each entity type, in alphabetical order."""
    return {name: TYPES[place % len(TYPES)] for place, name in enumerate(sorted(set(types)))}


def relation_colours(relations: Iterable[str]) -> dict[str, str]:
    """A paler colour for each relation, in alphabetical order."""
    names = enumerate(sorted(set(relations)))
    return {name: RELATIONS[place % len(RELATIONS)] for place, name in names}
