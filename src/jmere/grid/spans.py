"""Entities of a batch of posts: the most probable set of spans that do not overlap."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int

from jmere.tags import NONE, TagSet


@dataclass(frozen=True, eq=False)
class Spans:
    """Spans of all posts of a batch, sorted by post, then by position."""

    post: Int[np.ndarray, " spans"]
    start: Int[np.ndarray, " spans"]
    end: Int[np.ndarray, " spans"]
    tag: Int[np.ndarray, " spans"]
    """Tag number of the entity type."""

    def __len__(self) -> int:
        return len(self.post)

    @property
    def size(self) -> Int[np.ndarray, " spans"]:
        """Number of words of each span."""
        size: Int[np.ndarray, " spans"] = self.end - self.start
        return size


def find_spans(
    scores: Float32[np.ndarray, "posts words words tags"],
    lengths: Int[np.ndarray, " posts"],
    tags: TagSet,
    *,
    max_length: int | None = None,
    bias: float = 0.0,
) -> Spans:
    """Select the typed spans with the highest total score, exactly, for every post.

    A span of type t gains log p(t) - log p(none) in each of its cells (i, j),
    i <= j, and ``bias`` once; cells are independent. The best set of disjoint
    spans is found by weighted interval scheduling from the left, one step per
    word for the whole batch: the best segmentation of the words before ``end`` is
    the best one of the words before some ``start``, followed by the span between.
    A word outside all spans is a span of one word without type or gain.

    Time is O(words x max_length) per post and type; memory is one step and the
    table of choices.

    Args:
        scores: Logits or log-probabilities; padding may contain any value.
        lengths: Number of words of each post.
        tags: Numbers of the types.
        max_length: Maximum number of words of a span; unlimited if ``None``.
        bias: Added to the gain of every span, in nats; higher values find more.

    Example:
        >>> tags = TagSet(entity_types=("per",), relations=())
        >>> scores = np.zeros((1, 3, 3, 2), np.float32)
        >>> scores[0, :2, :2, 1] = 1
        >>> scores[0, 2, 2, 1] = -1
        >>> spans = find_spans(scores, np.array([3]), tags)
        >>> spans.start.tolist(), spans.end.tolist()
        ([0], [2])
    """
    posts, words = scores.shape[:2]
    rows = np.arange(posts)
    best = np.zeros((posts, words + 1), dtype=np.float32)
    start = np.zeros((words + 1, posts), dtype=np.intp)
    tag = np.zeros((words + 1, posts), dtype=np.intp)
    gains = np.zeros((len(tags.entity_types), posts, 0), dtype=np.float32)
    for end in range(1, words + 1):
        gains = _extend(gains, scores, end, tags, max_length)
        gain = gains.max(axis=0) + np.float32(bias)
        np.maximum(gain[:, 0], 0, out=gain[:, 0])
        first = end - gain.shape[1]
        # Shorter spans come first, so on a tie words stay outside of spans.
        total = best[:, first:end][:, ::-1] + gain
        size = total.argmax(axis=1)
        best[:, end] = total[rows, size]
        start[end] = end - 1 - size
        kind = tags.entity_slice.start + gains[:, rows, size].argmax(axis=0)
        tag[end] = np.where(gain[rows, size] > 0, kind, NONE)
    return _trace(start, tag, lengths)


def _extend(
    gains: Float32[np.ndarray, "types posts _"],
    scores: Float32[np.ndarray, "posts words words tags"],
    end: int,
    tags: TagSet,
    max_length: int | None,
) -> Float32[np.ndarray, "types posts _"]:
    """Return the gains of the spans that end at ``end``, by size, from those one word earlier.

    A span adds to the one that ends a word earlier the column of cells above its last
    word. No difference of large sums is taken, so float32 suffices for long posts.
    """
    first = 0 if max_length is None else max(0, end - max_length)
    column = scores[:, first:end, end - 1][:, ::-1].transpose(2, 0, 1)
    # In C order the sums below access adjacent memory; numpy would keep the order of ``scores``.
    extended: Float32[np.ndarray, "types posts _"]
    extended = np.subtract(column[tags.entity_slice], column[NONE], order="C")
    np.cumsum(extended, axis=2, out=extended)
    extended[:, :, 1:] += gains[:, :, : extended.shape[2] - 1]
    return extended


def _trace(
    start: Int[np.ndarray, "ends posts"],
    tag: Int[np.ndarray, "ends posts"],
    lengths: Int[np.ndarray, " posts"],
) -> Spans:
    """Follow the choices from the last word of each post to its first."""
    position = lengths.astype(np.intp)
    chosen = np.zeros(start.shape, dtype=bool)
    for end in range(len(start) - 1, 0, -1):
        at_end = position == end
        chosen[end] = at_end & (tag[end] != NONE)
        position = np.where(at_end, start[end], position)
    post, ends = np.nonzero(chosen.T)
    return Spans(post, start[ends, post], ends, tag[ends, post])
