"""How sure a grid is of each pair that was read from it."""

import numpy as np
from jaxtyping import Float32, Float64, Int

from jmere.grid.cells import Cells, pair_cells, triangle_cells
from jmere.grid.relations import Relations
from jmere.grid.spans import Spans

LEAST = -700.0
"""Lowest mean log-probability, so that a confidence is never 0."""


def confidence(
    scores: Float32[np.ndarray, "posts words words tags"],
    spans: Spans,
    relations: Relations,
    *,
    symmetric: bool = False,
) -> Float64[np.ndarray, " pairs"]:
    """Geometric mean of the probabilities of the cells of each pair, in (0, 1].

    The cells are those of the head, of the tail and of the relation; in each, it
    is the probability of the tag that was read there, among all tags.
    """
    span_sum, span_size = _log_probability(scores, triangle_cells(spans), spans.tag)
    cells = pair_cells(spans, relations.head, relations.tail, symmetric=symmetric)
    pair_sum, pair_size = _log_probability(scores, cells, relations.tag)
    total = pair_sum + span_sum[relations.head] + span_sum[relations.tail]
    size = pair_size + span_size[relations.head] + span_size[relations.tail]
    mean: Float64[np.ndarray, " pairs"] = np.exp(np.clip(total / size, LEAST, 0))
    return mean


def _log_probability(
    scores: Float32[np.ndarray, "posts words words tags"],
    cells: Cells,
    tag: Int[np.ndarray, " blocks"],
) -> tuple[Float64[np.ndarray, " blocks"], Int[np.ndarray, " blocks"]]:
    """Log-probability of each block's tag, summed over its cells, and how many they are."""
    logits = cells.of(scores)
    logits -= logits.max(axis=1, keepdims=True)
    own = np.take_along_axis(logits, tag[cells.block, None], axis=1)[:, 0]
    each = own - np.log(np.exp(logits).sum(axis=1))
    total = np.bincount(cells.block, weights=each, minlength=len(tag))
    # Without any cell, numpy forgets that weights make a sum of floats.
    return total.astype(np.float64), np.bincount(cells.block, minlength=len(tag))
