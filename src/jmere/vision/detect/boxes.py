"""Box selection: score threshold and non-maximum suppression (NMS)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jmere.records import FloatArray

Indices = NDArray[np.intp]

MIN_SCORE = 0.3
"""Minimum score of an object, unless a selection or a detector has another."""

MAX_CANDIDATES = 300
"""Number of top-scoring boxes that enter non-maximum suppression."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Thresholds for the boxes that become objects."""

    objects: int = 10
    """Maximum number of objects per image (top-k; the paper's k)."""
    min_score: float | None = None
    """Minimum score of an object; default: the detector's own, 0.4 for PicoDet, else 0.3."""
    nms_iou: float = 0.45
    """IoU threshold for non-maximum suppression within a class."""
    cross_class_iou: float = 0.9
    """IoU threshold for non-maximum suppression across classes."""
    min_side: float = 0.01
    """Minimum side of a box, as a share of the image's longer side."""

    def __post_init__(self) -> None:
        if self.objects < 0:
            raise ValueError(f"the number of objects must not be negative, got {self.objects}")
        for name in ("min_score", "nms_iou", "cross_class_iou", "min_side"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {value}")

    @property
    def threshold(self) -> float:
        """Return the minimum score; 0.3 unless it is given."""
        return MIN_SCORE if self.min_score is None else self.min_score

    def with_score(self, min_score: float) -> Selection:
        """Return the selection with this minimum score, unless it has one."""
        return self if self.min_score is not None else replace(self, min_score=min_score)

    def choose(
        self,
        boxes: FloatArray,
        scores: FloatArray,
        classes: NDArray[np.int64],
        size: tuple[int, int],
    ) -> tuple[FloatArray, Indices]:
        """Return the selected boxes, clipped to the image, and their rows, by descending score.

        Args:
            boxes: Corners x0, y0, x1, y1 in pixels of the picture, one row each.
            scores: Score of each box, from 0 to 1.
            classes: Class of each box.
            size: Width and height of the picture.
        """
        # Not a number compares as false, so a broken row falls out here.
        rows = np.flatnonzero((scores >= self.threshold) & np.isfinite(boxes).all(axis=1))
        rows = rows[np.argsort(-scores[rows], kind="stable")][:MAX_CANDIDATES]
        width, height = size
        boxes = boxes[rows].clip(0, np.array([width, height, width, height], np.float32))
        sides = boxes[:, 2:] - boxes[:, :2]
        large = (sides >= max(1e-3, self.min_side * max(size))).all(axis=1)
        boxes, rows = boxes[large], rows[large]
        kept = self._suppress(boxes, classes[rows])
        return boxes[kept], rows[kept]

    def _suppress(self, boxes: FloatArray, classes: NDArray[np.int64]) -> Indices:
        """Apply greedy non-maximum suppression; return the kept rows."""
        if not len(boxes):
            return np.empty(0, np.intp)
        limit = np.where(classes[:, None] == classes[None, :], self.nms_iou, self.cross_class_iou)
        repeats = intersection_over_union(boxes, boxes) > limit
        kept: list[int] = []
        for row in range(len(boxes)):
            if len(kept) == self.objects:
                break
            if not repeats[row, kept].any():
                kept.append(row)
        return np.array(kept, np.intp)


def intersection_over_union(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the IoU of every pair of boxes; 0 for empty boxes.

    Example:
        >>> first = np.array([[0, 0, 2, 2]], np.float32)
        >>> float(intersection_over_union(first, first + 1)[0, 0])
        0.1428571492433548
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = (high - low).clip(min=0).prod(axis=2)
    union = area(first)[:, None] + area(second)[None, :] - shared
    overlap: FloatArray = shared / np.maximum(union, np.float32(1e-9))
    return overlap


def area(boxes: FloatArray) -> FloatArray:
    """Return the area of each box in square pixels; 0 if its corners are swapped."""
    found: FloatArray = (boxes[:, 2:] - boxes[:, :2]).clip(min=0).prod(axis=1)
    return found
