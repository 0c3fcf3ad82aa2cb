"""Spatial predicates from box geometry alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jmere.vision.relate.geometry import Float64s, Int64s

_MEANT = {
    "inside": ("in", "inside", "at"),
    "on": (
        "on", "on the top of", "sit on", "stand on", "ride", "lying on", "park on", "rest on",
        "sleep on", "skate on", "drive on", "lean on", "over",
    ),
    "in front of": ("in the front of",),
    "left of": (
        "on the left of", "next to", "near", "by", "beside", "adjacent to", "sit next to",
        "stand next to", "walk next to", "sleep next to", "park next", "walk beside",
    ),
    "near": (
        "near", "next to", "by", "beside", "adjacent to", "with", "against", "sit next to",
        "stand next to", "walk next to", "sleep next to", "park next", "walk beside",
    ),
}  # fmt: skip

MEANT = {
    **_MEANT,
    "right of": ("on the right of", *_MEANT["left of"][1:]),
}
"""VRD predicates that each spatial word implies."""

POSITIONS = tuple(MEANT)

_MOSTLY = 0.9
_HALF = 0.5
_TOUCHING = 0.05
"""Tolerance for touching edges, as a share of the object's side."""


def positions(boxes: Float64s, pairs: Int64s) -> NDArray[np.bool_]:
    """Return which of ``POSITIONS`` hold for each pair, subject to object; pairs x words.

    Inside: nearly all of the subject is within an object at least twice its size. On: the
    subject stands over the object's upper half. In front of: they overlap and the subject ends
    lower. Left of, right of: side by side, at most a width apart. Near: at most half a size
    apart.

    Args:
        boxes: Boxes as ``in_frame`` gives them.
        pairs: Indices of subject and object.
    """
    first, second = boxes[pairs[:, 0]], boxes[pairs[:, 1]]
    size, other = (box[:, 2:] - box[:, :2] for box in (first, second))
    inner = np.minimum(first[:, 2:], second[:, 2:]) - np.maximum(first[:, :2], second[:, :2])
    area, overlap = size.prod(axis=1), inner.clip(0).prod(axis=1)
    across, along = (inner / np.minimum(size, other)).T
    slack = _TOUCHING * other
    lower_edge, top = first[:, 3], second[:, 1]
    gap = (-inner).clip(0)
    beside = (
        (along >= _HALF) & (across <= slack[:, 0]) & (gap[:, 0] <= np.maximum(size, other)[:, 0])
    )
    left = first[:, 0] + first[:, 2] < second[:, 0] + second[:, 2]
    found = {
        "inside": (overlap >= _MOSTLY * area) & (area <= _HALF * other.prod(axis=1)),
        "on": (
            (across >= _HALF)
            & (lower_edge >= top - slack[:, 1])
            & (lower_edge <= top + _HALF * other[:, 1])
        ),
        "in front of": (
            (overlap >= 0.2 * np.minimum(area, other.prod(axis=1)))
            & (lower_edge > second[:, 3] + slack[:, 1])
        ),
        "left of": beside & left,
        "near": np.hypot(*gap.T) <= _HALF * np.sqrt(np.minimum(area, other.prod(axis=1))),
        "right of": beside & ~left,
    }
    return np.stack([found[word] for word in POSITIONS], axis=1)


def meanings(predicates: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return which predicates each of ``POSITIONS`` implies; words x predicates."""
    return np.array([[name in MEANT[word] for name in predicates] for word in POSITIONS])
