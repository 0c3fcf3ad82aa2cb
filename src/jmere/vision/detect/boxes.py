"""Boxes of a picture: which of a network's many are objects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jmere.records import FloatArray

Indices = NDArray[np.intp]

MOST_CANDIDATES = 300
"""Boxes of a picture that are compared with each other, the surest ones."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which of a network's boxes become objects."""

    objects: int = 10
    """Most objects of a picture, the surest ones (the paper's k)."""
    min_score: float = 0.3
    """Least score of an object."""
    overlap: float = 0.45
    """Of boxes of one class whose intersection over union is larger, the surest stays."""
    same: float = 0.9
    """The same for boxes of two classes: one thing under two names."""
    smallest: float = 0.01
    """Least side of a box, as a share of the picture's longer side."""

    def __post_init__(self) -> None:
        if self.objects < 0:
            raise ValueError(f"the number of objects must not be negative, got {self.objects}")
        for name in ("min_score", "overlap", "same", "smallest"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")

    def choose(
        self,
        boxes: FloatArray,
        scores: FloatArray,
        classes: NDArray[np.int64],
        size: tuple[int, int],
    ) -> tuple[FloatArray, Indices]:
        """The boxes of the objects, cut to the picture, and their rows; the surest first.

        Args:
            boxes: Corners x0, y0, x1, y1 in pixels of the picture, one row each.
            scores: Score of each box, from 0 to 1.
            classes: Class of each box.
            size: Width and height of the picture.
        """
        # Not a number compares as false, so a broken row falls out here.
        rows = np.flatnonzero((scores >= self.min_score) & np.isfinite(boxes).all(axis=1))
        rows = rows[np.argsort(-scores[rows], kind="stable")][:MOST_CANDIDATES]
        width, height = size
        boxes = boxes[rows].clip(0, np.array([width, height, width, height], np.float32))
        sides = boxes[:, 2:] - boxes[:, :2]
        large = (sides >= max(1e-3, self.smallest * max(size))).all(axis=1)
        boxes, rows = boxes[large], rows[large]
        kept = self._distinct(boxes, classes[rows])
        return boxes[kept], rows[kept]

    def _distinct(self, boxes: FloatArray, classes: NDArray[np.int64]) -> Indices:
        """Greedy suppression: a box stays unless it repeats a surer one."""
        if not len(boxes):
            return np.empty(0, np.intp)
        limit = np.where(classes[:, None] == classes[None, :], self.overlap, self.same)
        repeats = intersection_over_union(boxes, boxes) > limit
        kept: list[int] = []
        for row in range(len(boxes)):
            if len(kept) == self.objects:
                break
            if not repeats[row, kept].any():
                kept.append(row)
        return np.array(kept, np.intp)


def intersection_over_union(first: FloatArray, second: FloatArray) -> FloatArray:
    """Overlap of every box of ``first`` with every box of ``second``; 0 for empty boxes."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = (high - low).clip(min=0).prod(axis=2)
    union = area(first)[:, None] + area(second)[None, :] - shared
    overlap: FloatArray = shared / np.maximum(union, np.float32(1e-9))
    return overlap


def area(boxes: FloatArray) -> FloatArray:
    """Area of each box in square pixels, 0 where its corners are swapped."""
    found: FloatArray = (boxes[:, 2:] - boxes[:, :2]).clip(min=0).prod(axis=1)
    return found
