"""Geometric features of all ordered pairs of boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]

MIN_SIDE = 1e-3
"""Minimum side of a box, as a share of the image's longer side."""


def ordered_pairs(count: int) -> Int64s:
    """Return all ordered pairs of ``count`` objects, pairs x 2, in lexical order.

    Example:
        >>> ordered_pairs(2).tolist()
        [[0, 1], [1, 0]]
    """
    places = np.arange(count * max(count - 1, 0), dtype=np.int64)
    first, second = np.divmod(places, max(count - 1, 1))
    return np.stack([first, second + (second >= first)], axis=1)


def in_frame(boxes: Float64s) -> Float64s:
    """Normalise boxes to their common hull: longer side 1, origin at its corner.

    The hull stands for the image, whose size is unknown in annotation files. Sides are at least
    ``MIN_SIDE``.
    """
    if not len(boxes):
        return boxes
    boxes = boxes / max(float(np.abs(boxes).max()), np.finfo(float).tiny)  # no overflow below
    corner = boxes[:, :2].min(axis=0)
    side = float((boxes[:, 2:].max(axis=0) - corner).max()) or 1.0
    low, high = (boxes[:, :2] - corner) / side, (boxes[:, 2:] - corner) / side
    return np.concatenate([low, np.maximum(high, low + MIN_SIDE)], axis=1)


def pair_features(boxes: Float64s, pairs: Int64s) -> NDArray[np.float32]:
    """Return the geometric features of each pair, pairs x ``WIDTH``.

    Invariant to translation and scale, with values around 1: offsets relative to either box and
    to their union, size ratios, overlap shares, gaps, and position and size in the frame
    (``in_frame``).

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
        offset / np.maximum(distance, MIN_SIDE)[:, None],
    ]
    return np.column_stack(columns).astype(np.float32)


WIDTH = pair_features(np.zeros((0, 4)), ordered_pairs(0)).shape[1]
"""Number of features per pair."""
