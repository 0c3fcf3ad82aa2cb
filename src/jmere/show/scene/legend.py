"""Legend below a drawing: relations in words, and objects without a box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from jmere.records import SceneGraph
from jmere.show.scene.free_space import Point, Rect
from jmere.show.scene.sketch import Sketch

MAX_LISTED = 40
"""Maximum number of listed relations; the rest is counted."""

_ROW, _MARGIN, _SQUARE = 1.6, 0.5, 1.1  # in letters


@dataclass(frozen=True)
class LegendLine:
    """A line of text after squares in the colours of its objects."""

    text: str
    at: Point
    """Left end of the text, at half height."""
    squares: tuple[tuple[int, Rect], ...]
    """Object index and rectangle of each square."""


class Legend(NamedTuple):
    """Lines below a drawing, and their total size."""

    height: int
    lines: list[LegendLine]


def legend(scene: SceneGraph, plan: Sketch) -> Legend:
    """Return lines for all relations if any is not drawn, and for objects without a box."""
    entries = _entries(scene, plan)
    size, width = plan.letters.size, plan.frame[0]
    if not entries:
        return Legend(0, [])
    widest = max(_indent(places) + plan.letters.width(text) / size for places, text in entries)
    columns = max(1, min(int(width / ((widest + 2 * _MARGIN) * size)), len(entries)))
    rows = -(-len(entries) // columns)
    lines = []
    for number, (places, text) in enumerate(entries):
        column, row = divmod(number, rows)
        left = column * width / columns + _MARGIN * size
        middle = plan.frame[1] + (row + 0.5) * _ROW * size + _MARGIN * size / 2
        indent = _indent(places) * size
        text = plan.letters.fit(text, width / columns - indent - 2 * _MARGIN * size)
        lines.append(
            LegendLine(text, (left + indent, middle), _squares(places, left, middle, plan))
        )
    return Legend(round((rows * _ROW + _MARGIN) * size), lines)


def _entries(scene: SceneGraph, plan: Sketch) -> list[tuple[tuple[int, ...], str]]:
    """Return object indices and text of each line."""
    apart = [name for place, name in enumerate(plan.names) if place not in plan.boxes]
    entries: list[tuple[tuple[int, ...], str]] = []
    if len(plan.arrows) < len(scene.relations):
        for each in sorted(scene.relations, key=lambda each: -(each.score or 0.0)):
            ends = (each.subject, each.object)
            score = "" if each.score is None else f" {each.score:.2f}"
            text = f"{plan.names[each.subject]} {each.predicate} {plan.names[each.object]}{score}"
            entries.append((ends, text))
    if len(entries) > MAX_LISTED:
        entries[MAX_LISTED:] = [((), f"and {len(entries) - MAX_LISTED} more relations")]
    if apart:
        entries.append(((), f"without a box: {', '.join(apart)}"))
    return entries


def _indent(places: tuple[int, ...]) -> float:
    return len(places) * _SQUARE


def _squares(
    places: tuple[int, ...], left: float, middle: float, plan: Sketch
) -> tuple[tuple[int, Rect], ...]:
    size = plan.letters.size
    lefts = [left + number * _SQUARE * size for number in range(len(places))]
    return tuple(
        (place, (x, middle - 0.4 * size, x + 0.8 * size, middle + 0.4 * size))
        for place, x in zip(places, lefts, strict=True)
        if place in plan.boxes
    )
