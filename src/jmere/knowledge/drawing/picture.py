"""Rendering of a graph as a ``matplotlib`` figure, without a window or global state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from jmere.errors import require
from jmere.knowledge.drawing.layout import GAP, NodeSize, Position, layout
from jmere.knowledge.graph import Edge, Node
from jmere.knowledge.names import clean

FONT = "DejaVu Sans"
"""Font bundled with matplotlib, so drawings are reproducible."""

_MAX_LENGTH = 28
"""Maximum length of a name in characters."""

MAX_RELATIONS = 2
"""Maximum number of relation names per arrow; the rest is counted."""

_COLOURS = ("#a6cee3", "#fdbf6f", "#b2df8a", "#fb9a99", "#cab2d6", "#ffff99", "#e5c8a8", "#d9d9d9")
"""Type colours, assigned in alphabetical order and reused cyclically."""

NAME_POINTS, RELATION_POINTS = 10.0, 7.5
PADDING = 0.1
"""Inches between a name and its box."""

_LEGEND = 0.45
"""Height of the legend in inches."""

_LINE = "#777777"


def figure_of(nodes: Sequence[Node], edges: Sequence[Edge]) -> Any:
    """Render nodes and the edges between them as a ``matplotlib`` figure."""
    relations: dict[tuple[str, str], set[str]] = defaultdict(set)
    for edge in edges:
        relations[edge.head, edge.tail].add(drawable(edge.relation))
    labels = {node.id: drawable(node.label) or "(no name)" for node in nodes}
    kinds = sorted({node.type for node in nodes})
    colours = {kind: _COLOURS[place % len(_COLOURS)] for place, kind in enumerate(kinds)}

    graph = require("networkx", "graph", "drawing a graph").DiGraph()
    graph.add_nodes_from(labels)
    words = {pair: _few(sorted(names)) for pair, names in relations.items()}
    for pair, name in words.items():
        graph.add_edge(*pair, width=_size(name)[0] * RELATION_POINTS / NAME_POINTS)
    sizes = {name: _size(label) for name, label in labels.items()}
    places, paper = layout(graph, sizes)
    figure, axes = _page(paper)
    boxes = {
        node.id: _box(axes, places[node.id], sizes[node.id], labels[node.id], colours[node.type])
        for node in nodes
    }
    for (head, tail), name in words.items():
        bend = 0.22 if (tail, head) in relations else 0.0
        _arrow(axes, places, boxes, head, tail, bend)
        _relation(axes, _middle(places, sizes, head, tail, bend), name)
    _legend(axes, colours)
    return figure


def drawable(text: str) -> str:
    """Return a name in one line, shortened, with boxes for missing glyphs."""
    line = printable(clean(text[: 8 * _MAX_LENGTH]))
    return line if len(line) <= _MAX_LENGTH else f"{line[: _MAX_LENGTH - 1]}…"


def printable(text: str) -> str:
    """Replace characters that the font lacks by boxes."""
    known = _characters()
    return "".join(each if ord(each) in known else "□" for each in text)


def _few(names: Sequence[str]) -> str:
    more = len(names) - MAX_RELATIONS
    return ", ".join(names[:MAX_RELATIONS]) + (f" +{more}" if more > 0 else "")


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    return frozenset(_font().get_charmap())


def _font() -> Any:
    fonts = require("matplotlib.font_manager", "graph", "drawing a graph")
    return fonts.get_font(fonts.findfont(FONT))


def _size(label: str) -> NodeSize:
    font = _font()
    font.set_size(NAME_POINTS, 72)
    font.set_text(label)
    width, _ = font.get_width_height()  # in 64ths of a point
    return (width / 64 / 72 + 2 * PADDING, 1.5 * NAME_POINTS / 72 + PADDING)


def _page(paper: NodeSize) -> tuple[Any, Any]:
    """Create a figure with axes in inches and room for the legend."""
    figures = require("matplotlib.figure", "graph", "drawing a graph")
    width, height = max(paper[0], 4.0), max(paper[1], 1.0) + _LEGEND
    figure = figures.Figure(figsize=(width, height), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(-_LEGEND, height - _LEGEND)
    axes.axis("off")
    return figure, axes


def _box(axes: Any, place: Position, size: NodeSize, label: str, colour: str) -> Any:
    patches = require("matplotlib.patches", "graph", "drawing a graph")
    corner = (place[0] - size[0] / 2, place[1] - size[1] / 2)
    shape = f"round,pad=0,rounding_size={PADDING}"
    box = patches.FancyBboxPatch(
        corner, *size, boxstyle=shape, facecolor=colour, edgecolor=_LINE, linewidth=0.8, zorder=2
    )
    axes.add_patch(box)
    _text(axes, place, label, NAME_POINTS, zorder=4)
    return box


def _arrow(
    axes: Any,
    places: Mapping[str, Position],
    boxes: Mapping[str, Any],
    head: str,
    tail: str,
    bend: float,
) -> None:
    patches = require("matplotlib.patches", "graph", "drawing a graph")
    (x, y), end = places[head], places[tail]
    if head == tail:
        # A loop above its box.
        x, end, bend = x - GAP / 2, (x + GAP / 2, y), -1.6
    axes.add_patch(
        patches.FancyArrowPatch(
            (x, y),
            end,
            patchA=boxes[head],
            patchB=boxes[tail],
            connectionstyle=f"arc3,rad={bend}",
            arrowstyle="-|>",
            mutation_scale=9,
            color=_LINE,
            linewidth=0.9,
            zorder=1,
        )
    )


def _middle(
    places: Mapping[str, Position], sizes: Mapping[str, NodeSize], head: str, tail: str, bend: float
) -> Position:
    """Return the visible midpoint of an ``arc3`` arrow."""
    (x, y), (end_x, end_y) = places[head], places[tail]
    if head == tail:
        return (x, y + sizes[head][1] / 2 + GAP)
    across, up = end_x - x, end_y - y
    hidden = [
        min(width / 2 / max(abs(across), 1e-9), height / 2 / max(abs(up), 1e-9))
        for width, height in (sizes[head], sizes[tail])
    ]
    along = (1 + hidden[0] - hidden[1]) / 2
    aside = 2 * along * (1 - along) * bend
    return (x + along * across + aside * up, y + along * up - aside * across)


def _relation(axes: Any, middle: Position, name: str) -> None:
    halo = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
    _text(axes, middle, name, RELATION_POINTS, color="#444444", bbox=halo, zorder=1.5)


def _legend(axes: Any, colours: Mapping[str, str]) -> None:
    x = GAP
    for kind, colour in colours.items():
        label = drawable(kind) or "(no type)"
        size = _size(label)
        _box(axes, (x + size[0] / 2, -_LEGEND / 2), size, label, colour)
        x += size[0] + GAP / 2


def _text(axes: Any, place: Position, label: str, points: float, **style: Any) -> None:
    axes.text(
        *place, label, size=points, family=FONT, ha="center", va="center", parse_math=False, **style
    )
