"""Relations between the spans of a batch of posts."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int

from jmere.grid.cells import pair_cells, runs
from jmere.grid.spans import Spans
from jmere.tags import NONE, TagSet


@dataclass(frozen=True, eq=False)
class Relations:
    """Related pairs of all posts of a batch, sorted by head, then by tail."""

    head: Int[np.ndarray, " pairs"]
    """Index in the spans of the batch."""
    tail: Int[np.ndarray, " pairs"]
    tag: Int[np.ndarray, " pairs"]
    """Tag number of the relation."""


def find_relations(
    scores: Float32[np.ndarray, "posts words words tags"],
    spans: Spans,
    tags: TagSet,
    *,
    symmetric: bool = False,
    bias: float = 0.0,
    signatures: Bool[np.ndarray, "relations types types"] | None = None,
) -> Relations:
    """Select the best relation, or none, of each pair of spans of a post.

    A relation r gains log p(r) - log p(none) in each cell of the pair's block, and
    ``bias`` once; the best is kept if it gains more than 0. The symmetric form adds
    the block across the diagonal and makes one decision for both orders: the head is the
    earlier span, unless ``signatures`` admits the relation only in the other order.

    Args:
        scores: Logits or log-probabilities.
        spans: The spans to relate.
        tags: Numbers of the relations.
        symmetric: Whether cells (i, j) and (j, i) have the same tag.
        bias: Added to the gain of every relation, in nats; higher values find more.
        signatures: Admitted types of head and tail of each relation; any if ``None``.
    """
    first, second = _pairs(spans, ordered=not symmetric)
    forward, backward = _admitted(signatures, spans, first, second, tags)
    admitted = forward | backward if symmetric else forward
    gain = _gains(scores, spans, first, second, tags, symmetric=symmetric)
    gain = np.where(admitted, gain + np.float32(bias), -np.inf)

    # Column 0 is no relation, which gains nothing and wins every tie.
    best = np.pad(gain, ((0, 0), (1, 0))).argmax(axis=1)
    kept = np.flatnonzero(best != NONE)
    relation = best[kept] - 1
    reversed_ = ~forward[kept, relation]
    head = np.where(reversed_, second[kept], first[kept])
    tail = np.where(reversed_, first[kept], second[kept])
    order = np.lexsort((tail, head))
    return Relations(head[order], tail[order], tags.relation_slice.start + relation[order])


def _pairs(
    spans: Spans, *, ordered: bool
) -> tuple[Int[np.ndarray, " pairs"], Int[np.ndarray, " pairs"]]:
    """Return the pairs of different spans of a post: both orders, or the earlier span first."""
    per_post = np.bincount(spans.post)
    offset = np.cumsum(per_post) - per_post
    first, within = runs(per_post[spans.post])
    second = offset[spans.post[first]] + within
    keep = first != second if ordered else first < second
    return first[keep], second[keep]


def _admitted(
    signatures: Bool[np.ndarray, "relations types types"] | None,
    spans: Spans,
    first: Int[np.ndarray, " pairs"],
    second: Int[np.ndarray, " pairs"],
    tags: TagSet,
) -> tuple[Bool[np.ndarray, "pairs relations"], Bool[np.ndarray, "pairs relations"]]:
    """Return the relations admitted from first to second of each pair, and from second to first."""
    if signatures is None:
        all_admitted = np.ones((len(first), len(tags.relations)), dtype=bool)
        return all_admitted, all_admitted
    kind = spans.tag - tags.entity_slice.start
    one, other = kind[first], kind[second]
    return signatures[:, one, other].T, signatures[:, other, one].T


def _gains(
    scores: Float32[np.ndarray, "posts words words tags"],
    spans: Spans,
    first: Int[np.ndarray, " pairs"],
    second: Int[np.ndarray, " pairs"],
    tags: TagSet,
    *,
    symmetric: bool,
) -> Float32[np.ndarray, "pairs relations"]:
    """Return the gain of each relation over none, summed over the cells of each pair."""
    cells = pair_cells(spans, first, second, symmetric=symmetric)
    logits = cells.of(scores)
    gain = logits[:, tags.relation_slice] - logits[:, [NONE]]
    return np.add.reduceat(gain, np.searchsorted(cells.block, np.arange(len(first))), axis=0)
