"""Appearance features: feature maps pooled over boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jmere.records import FloatArray


def pool_boxes(maps: Sequence[FloatArray], shares: FloatArray) -> FloatArray:
    """Average each feature map over each box; concatenate the channels of all maps.

    A cell is weighted by the share of it that the box covers; a box smaller than a cell takes
    the values of the cells it touches.

    Args:
        maps: Feature maps of one picture, channels x height x width each.
        shares: Boxes as shares of what the maps show (x0, y0, x1, y1 from 0 to 1).

    Returns:
        A row for each box, as wide as the maps have channels in all.
    """
    if not maps:
        return np.zeros((len(shares), 0), np.float32)
    return np.concatenate([_pool(each, shares) for each in maps], axis=1)


def _pool(features: FloatArray, shares: FloatArray) -> FloatArray:
    channels, height, width = features.shape
    across = _coverage(shares[:, 0], shares[:, 2], width)
    down = _coverage(shares[:, 1], shares[:, 3], height)
    pooled = np.empty((len(shares), channels), np.float32)
    for row, (weights, heights) in enumerate(zip(across, down, strict=True)):
        columns, lines = _span(weights), _span(heights)
        inside = features[:, lines, columns]
        # Not by BLAS: its threads would wait for each other longer than this takes.
        strips = np.einsum("chw,w->ch", inside, weights[columns])
        pooled[row] = np.einsum("ch,h->c", strips, heights[lines])
    return pooled


def _span(weights: FloatArray) -> slice:
    """Return the range of cells with non-zero weight."""
    cells = np.flatnonzero(weights)
    return slice(cells[0], cells[-1] + 1)


def _coverage(low: FloatArray, high: FloatArray, cells: int) -> FloatArray:
    """Return the covered share of each of ``cells`` cells; rows sum to 1."""
    edges = np.arange(cells + 1, dtype=np.float32)
    # A hair of width, so that a box of none still touches the cell it is in.
    start = (low * cells).clip(0, cells - 1e-3)[:, None]
    stop = np.maximum((high * cells).clip(0, cells)[:, None], start + 1e-3)
    covered = (np.minimum(stop, edges[1:]) - np.maximum(start, edges[:-1])).clip(min=0)
    weights: FloatArray = (covered / covered.sum(axis=1, keepdims=True)).astype(np.float32)
    return weights
