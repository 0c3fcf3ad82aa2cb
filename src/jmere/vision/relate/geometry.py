"""Where two boxes lie to each other: features of all ordered pairs of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]

THINNEST = 1e-3
"""Least side of a box, as a share of the picture's longer side."""


def ordered_pairs(count: int) -> Int64s:
    """Every ordered pair of two of ``count`` things, pairs x 2, in lexical order."""
    places = np.arange(count * max(count - 1, 0), dtype=np.int64)
    first, second = np.divmod(places, max(count - 1, 1))
    return np.stack([first, second + (second >= first)], axis=1)


def in_frame(boxes: Float64s) -> Float64s:
    """The boxes in units of the hull of them all: its longer side is 1, its corner the origin.

    The hull stands in for the picture, whose size files of annotated boxes don't tell. No side
    is shorter than ``THINNEST``.
    """
    if not len(boxes):
        return boxes
    boxes = boxes / max(float(np.abs(boxes).max()), np.finfo(float).tiny)  # no overflow below
    corner = boxes[:, :2].min(axis=0)
    side = float((boxes[:, 2:].max(axis=0) - corner).max()) or 1.0
    low, high = (boxes[:, :2] - corner) / side, (boxes[:, 2:] - corner) / side
    return np.concatenate([low, np.maximum(high, low + THINNEST)], axis=1)


def pair_features(boxes: Float64s, pairs: Int64s) -> NDArray[np.float32]:
    """What there is to know of each pair's boxes, pairs x ``WIDTH``.

    The same for a picture moved or made larger, and of about unit size: offsets in units of
    either box and of the union of both, ratios of sizes, shares of overlap, gaps, and place
    and size in the frame (``in_frame``).

    Args:
        boxes: Boxes as ``in_frame`` gives them.
        pairs: Indices of subject and object.
    """
    first, second = boxes[pairs[:, 0]], boxes[pairs[:, 1]]
    low, high = np.minimum(first[:, :2], second[:, :2]), np.maximum(first[:, 2:], second[:, 2:])
    inner = np.minimum(first[:, 2:], second[:, 2:]) - np.maximum(first[:, :2], second[:, :2])
    overlap = inner.clip(0).prod(axis=1)
    union = high - low
    sizes = [box[:, 2:] - box[:, :2] for box in (first, second)]
    areas = [size.prod(axis=1) for size in sizes]
    centres = [(box[:, :2] + box[:, 2:]) / 2 for box in (first, second)]
    offset = centres[1] - centres[0]
    distance = np.hypot(*offset.T)
    columns = [
        *((corner - low) / union for box in (first, second) for corner in (box[:, :2], box[:, 2:])),
        *(np.arcsinh(offset / size) for size in sizes),
        np.log(sizes[0] / sizes[1]) / 2,
        *(np.log(size[:, 0] / size[:, 1]) / 2 for size in sizes),
        np.log(areas[0] / areas[1]) / 4,
        *(overlap / area for area in areas),
        overlap / (areas[0] + areas[1] - overlap),
        (-inner).clip(0) / union,
        inner.clip(0) / np.minimum(*sizes),
        *(np.sqrt(area) for area in (*areas, union.prod(axis=1))),
        *centres,
        first[:, 3] - second[:, 3],
        distance,
        offset / np.maximum(distance, THINNEST)[:, None],
    ]
    return np.column_stack(columns).astype(np.float32)


WIDTH = pair_features(np.zeros((0, 4)), ordered_pairs(0)).shape[1]
"""How many features a pair has."""
