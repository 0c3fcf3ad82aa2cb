"""Colours of tags; the tag's name is always shown as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zlib import adler32

TYPES = ("#a6cee3", "#fdbf6f", "#d9d9d9", "#fb9a99", "#cab2d6", "#ffff99", "#e5c8a8", "#b2df8a")
RELATIONS = ("#f2e6ff", "#e0f3f0", "#fff0d9", "#e8eef7", "#fde4ec", "#eef5d8", "#f0e6dc")


def type_colours(types: Iterable[str]) -> dict[str, str]:
    """Return a colour per entity type, stable across figures."""
    return _colours(types, TYPES)


def relation_colours(relations: Iterable[str]) -> dict[str, str]:
    """Return a paler colour per relation."""
    return _colours(relations, RELATIONS)


def _colours(names: Iterable[str], palette: Sequence[str]) -> dict[str, str]:
    """Return each name's own colour, or the next free one."""
    chosen: dict[str, str] = {}
    for name in sorted({*names} - {""}):
        first = adler32(name.encode()) % len(palette)
        order = [*palette[first:], *palette[:first]]
        free = [colour for colour in order if colour not in chosen.values()]
        chosen[name] = (free or order)[0]
    return chosen
