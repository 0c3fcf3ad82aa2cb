"""Label schemes of named entities (IOB1, BIO, BIOES, BILOU) as word spans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Stray = Literal["start", "drop"]
"""Handling of labels that continue no entity of their type: start an entity, or drop."""

_OUTSIDE = "O"

_LABEL = re.compile(r"([BIESLUM])[-_](\S+)")
_BEGINS, _ENDS = frozenset("BSU"), frozenset("ESLU")


@dataclass(frozen=True, slots=True)
class LabelSpan:
    """Words ``start`` to ``end`` of one type."""

    start: int
    end: int
    type: str


@dataclass(slots=True)
class Counts:
    """Counts of irregular labels."""

    begun: int = 0
    """``B-`` and single labels that do not follow an entity of their type."""
    stray: int = 0
    """Labels that continue no entity; their own continuations are not counted."""


def parse_label(label: str) -> tuple[str, str] | None:
    """Split a label into prefix and type, both blank for ``O``; ``None`` if invalid."""
    if label.upper() == _OUTSIDE:
        return "", ""
    found = _LABEL.fullmatch(label)
    return None if found is None else (found[1], found[2])


def spans(
    labels: Sequence[tuple[str, str]], *, stray: Stray, counts: Counts
) -> Iterator[LabelSpan]:
    """Convert a sequence of labels to entity spans.

    ``B`` begins an entity, ``S`` and ``U`` are one of a single word, ``E`` and ``L``
    end one. Any other label continues an entity of its type; without one it is stray,
    as every first label of IOB1 is.

    Args:
        labels: Prefix and type of each word, as ``parse_label`` gives them.
        stray: Handling of stray labels.
        counts: Updated with irregular labels.

    Example:
        >>> [parse_label(label) for label in ("B-per", "I-per", "O")]
        [('B', 'per'), ('I', 'per'), ('', '')]
    """
    start, current, kept = 0, "", False
    for index, (prefix, kind) in enumerate([*labels, ("", "")]):
        continues = bool(current) and kind == current and prefix not in _BEGINS
        if not continues:
            if current and kept:
                yield LabelSpan(start, index, current)
            counts.begun += prefix in _BEGINS and kind != current
            counts.stray += bool(prefix) and prefix not in _BEGINS
            start, current, kept = index, kind, prefix in _BEGINS or stray == "start"
        if current and prefix in _ENDS:
            if kept:
                yield LabelSpan(start, index + 1, current)
            current = ""
