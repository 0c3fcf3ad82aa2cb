"""Layout of small graphs: connected components apart, packed in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmere.errors import require

Position = tuple[float, float]
"""Centre of a node, in inches from the lower left corner."""

NodeSize = tuple[float, float]
"""Width and height, in inches."""

GAP = 0.35
"""Minimum distance between two node boxes, in inches."""

RATIO = 1.8
"""Target aspect ratio."""

_STEPS = 300
_LEAST_STRETCH, _MOST_STRETCH = 0.5, 2.5
_READABLE = 90
"""Percentage of relation labels that must fit, unless the layout becomes too large."""


def layout(graph: Any, sizes: Mapping[str, NodeSize]) -> tuple[dict[str, Position], NodeSize]:
    """Compute node positions of a graph.

    Args:
        graph: A ``networkx.DiGraph`` whose edges have a ``width``, that of their relation.
        sizes: Of the box of each node.

    Returns:
        Positions for the nodes, none on another, and the size of the paper.
    """
    networkx = require("networkx", "graph", "drawing a graph")
    pieces = sorted(
        (sorted(piece) for piece in networkx.weakly_connected_components(graph)),
        key=lambda piece: (-len(piece), piece),
    )
    blocks = [_block(graph, piece, sizes) for piece in pieces]
    corners, paper = _rows([size for _, size in blocks])
    places: dict[str, Position] = {}
    for piece, (inner, _), (left, bottom) in zip(pieces, blocks, corners, strict=True):
        for name, (x, y) in zip(piece, inner.tolist(), strict=True):
            places[name] = (left + x, bottom + y)
    return places, paper


def _block(
    graph: Any, piece: Sequence[str], sizes: Mapping[str, NodeSize]
) -> tuple[NDArray[np.float64], NodeSize]:
    """Lay out a connected component; return node centres and its size."""
    boxes = np.array([sizes[name] for name in piece])
    networkx = require("networkx", "graph", "drawing a graph")
    inside = networkx.Graph(graph.subgraph(piece))
    spread = networkx.spring_layout(inside, seed=0, iterations=_STEPS, k=2 / len(piece) ** 0.5)
    # An upright arrow needs less room for its relation than a lying one.
    middles = _lying(np.array([spread[name] for name in piece])) * np.array([1.0, 0.65])
    middles *= len(piece) ** 0.5
    middles = _apart(middles * _stretch(graph, piece, middles, boxes), boxes + GAP)
    low = (middles - boxes / 2).min(axis=0)
    width, height = (middles + boxes / 2).max(axis=0) - low
    return middles - low, (float(width), float(height))


def _lying(middles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotate the longest extent to horizontal, because names are horizontal."""
    centred = middles - middles.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned: NDArray[np.float64] = centred @ axes.T
    return turned / max(float(np.abs(turned).max()), 1e-9)


def _stretch(
    graph: Any, piece: Sequence[str], middles: NDArray[np.float64], boxes: NDArray[np.float64]
) -> float:
    """Return the factor by which edges must grow for most relation labels to fit."""
    index = {name: at for at, name in enumerate(piece)}
    factors = [_LEAST_STRETCH]
    for head, tail, width in graph.subgraph(piece).edges(data="width"):
        if head != tail:
            ends = [index[head], index[tail]]
            room = boxes[ends].mean(axis=0) + np.array([width + GAP, GAP])
            across = np.abs(middles[ends[0]] - middles[ends[1]])
            factors.append(float((room / np.maximum(across, 1e-9)).min()))
    return min(float(np.percentile(factors, _READABLE)), _MOST_STRETCH)


def _apart(middles: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move overlapping boxes apart, along the axis of smaller overlap."""
    for _ in range(_STEPS):
        offset = middles[:, None] - middles[None]
        overlap = (boxes[:, None] + boxes[None]) / 2 - np.abs(offset)
        hit = (overlap > 1e-9).all(axis=2) & ~np.eye(len(middles), dtype=bool)
        if not hit.any():
            break
        axis = overlap.argmin(axis=2)[..., None] == np.arange(2)
        # Two boxes in one place go apart by their numbers.
        order = np.sign(np.arange(len(middles))[:, None] - np.arange(len(middles)))[..., None]
        way = np.where(offset == 0, order, np.sign(offset))
        middles = middles + (way * overlap / 2 * axis * hit[..., None]).sum(axis=1)
    return middles


def _rows(sizes: Sequence[NodeSize]) -> tuple[list[Position], NodeSize]:
    """Pack blocks in rows; return their lower left corners and the total size."""
    room = 2 * GAP
    area = sum((width + room) * (height + room) for width, height in sizes)
    limit = max([(area * RATIO) ** 0.5, *(width + room for width, _ in sizes)])
    tops: list[Position] = []
    left = top = row = total = 0.0
    for width, height in sizes:
        if left and left + width + room > limit:
            left, top, row = 0.0, top + row, 0.0
        tops.append((left + room / 2, top + room / 2 + height))
        left += width + room
        row, total = max(row, height + room), max(total, left)
    paper = (total, top + row)
    return [(x, paper[1] - y) for x, y in tops], paper
