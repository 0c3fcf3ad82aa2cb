"""Placement of labels on an image without overlap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
CanvasSize = tuple[float, float]
Rect = tuple[float, float, float, float]
"""Corners ``x0, y0, x1, y1`` in pixels."""


def rectangle_area(rect: Rect) -> float:
    """Return the area of a rectangle in square pixels."""
    return (rect[2] - rect[0]) * (rect[3] - rect[1])


class FreeSpace:
    """Image area with its occupied rectangles."""

    def __init__(self, width: float, height: float, *, taken: Sequence[Rect] = ()) -> None:
        """Start with the given occupied rectangles."""
        self.width, self.height = width, height
        self._taken = list(taken)

    def take(self, size: CanvasSize, corners: Sequence[Point]) -> Rect | None:
        """Occupy the first free candidate, given by upper left corners.

        Candidates are moved into the image first; ``None`` if none is free.
        """
        places = self._places(size, np.array(corners, dtype=float))
        free = np.flatnonzero(self._overlap(places) == 0)
        return self._keep(places[free[0]]) if len(free) else None

    def take_any(self, size: CanvasSize, corners: Sequence[Point]) -> Rect:
        """Occupy a candidate as in ``take``, or else the nearest or least occupied position."""
        found = self.take(size, corners)
        if found is not None:
            return found
        step = max(size[1], 1.0)
        grid = np.stack(np.meshgrid(np.arange(0, self.width, step),
                                    np.arange(0, self.height, step)), axis=-1)  # fmt: skip
        wanted = np.array(corners, dtype=float)
        places = self._places(size, np.concatenate([wanted, grid.reshape(-1, 2)]))
        far = np.abs(places[:, :2] - wanted[0]).sum(axis=1)
        return self._keep(places[np.lexsort((far, self._overlap(places)))[0]])

    def _places(self, size: CanvasSize, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        most = np.maximum([self.width - size[0], self.height - size[1]], 0)
        low = np.clip(corners, 0, most)
        return np.concatenate([low, low + size], axis=1)

    def _overlap(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the occupied area of each candidate."""
        total = np.zeros(len(places))
        for x0, y0, x1, y1 in self._taken:
            across = np.minimum(places[:, 2], x1) - np.maximum(places[:, 0], x0)
            down = np.minimum(places[:, 3], y1) - np.maximum(places[:, 1], y0)
            total += np.maximum(across, 0) * np.maximum(down, 0)
        return total

    def _keep(self, place: NDArray[np.float64]) -> Rect:
        x0, y0, x1, y1 = place.tolist()
        self._taken.append((x0, y0, x1, y1))
        return self._taken[-1]
