"""Confidence of each decoded pair."""

import numpy as np
from jaxtyping import Float32, Float64, Int

from jmere.grid.cells import Cells, pair_cells, triangle_cells
from jmere.grid.relations import Relations
from jmere.grid.spans import Spans

MIN_LOG_PROBABILITY = -700.0
"""Lowest mean log-probability, so that a confidence is never 0."""


def confidence(
    scores: Float32[np.ndarray, "posts words words tags"],
    spans: Spans,
    relations: Relations,
    *,
    symmetric: bool = False,
) -> Float64[np.ndarray, " pairs"]:
    """Return the geometric mean of the probabilities of each pair's cells, in (0, 1].

    The cells are those of the head, of the tail and of the relation. The probability of
    a cell is the softmax over all tags, at the tag that was decoded there.
    """
    span_sum, span_size = _log_probability(scores, triangle_cells(spans), spans.tag)
    cells = pair_cells(spans, relations.head, relations.tail, symmetric=symmetric)
    pair_sum, pair_size = _log_probability(scores, cells, relations.tag)
    total = pair_sum + span_sum[relations.head] + span_sum[relations.tail]
    size = pair_size + span_size[relations.head] + span_size[relations.tail]
    mean: Float64[np.ndarray, " pairs"] = np.exp(np.clip(total / size, MIN_LOG_PROBABILITY, 0))
    return mean


def _log_probability(
    scores: Float32[np.ndarray, "posts words words tags"],
    cells: Cells,
    tag: Int[np.ndarray, " blocks"],
) -> tuple[Float64[np.ndarray, " blocks"], Int[np.ndarray, " blocks"]]:
    """Return the log-probability of each block's tag, summed over its cells, and the cell count."""
    logits = cells.of(scores)
    logits -= logits.max(axis=1, keepdims=True)
    own = np.take_along_axis(logits, tag[cells.block, None], axis=1)[:, 0]
    each = own - np.log(np.exp(logits).sum(axis=1))
    total = np.bincount(cells.block, weights=each, minlength=len(tag))
    # Without any cell, numpy forgets that weights make a sum of floats.
    return total.astype(np.float64), np.bincount(cells.block, minlength=len(tag))
