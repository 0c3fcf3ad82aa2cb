"""The entities of a batch of posts: the most probable set of spans that do not overlap."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int

from jmere.tags import NONE, TagSet


@dataclass(frozen=True, eq=False)
class Spans:
    """The spans of all posts of a batch, sorted by post, then by place."""

    post: Int[np.ndarray, " spans"]
    start: Int[np.ndarray, " spans"]
    end: Int[np.ndarray, " spans"]
    tag: Int[np.ndarray, " spans"]
    """Number of the entity type."""

    def __len__(self) -> int:
        return len(self.post)

    @property
    def size(self) -> Int[np.ndarray, " spans"]:
        """Number of words of each."""
        size: Int[np.ndarray, " spans"] = self.end - self.start
        return size


def find_spans(
    scores: Float32[np.ndarray, "posts words words tags"],
    lengths: Int[np.ndarray, " posts"],
    tags: TagSet,
    *,
    longest: int | None = None,
    bias: float = 0.0,
) -> Spans:
    """Choose the typed spans that together score highest, exactly, for every post.

    A span of type t gains log p(t) - log p(none) in each of its cells (i, j),
    i <= j, and ``bias`` once; cells are independent. The best set of disjoint
    spans is found by weighted interval scheduling from the left, one step per
    word for the whole batch: the best way to read the words before ``end`` is
    the best way to read those before some ``start``, and then the span between.
    A word outside all spans is a span of one word without type or gain.

    Takes words x longest steps of work per post and type, and memory for one
    step besides the table of the choices.

    Args:
        scores: Logits or log-probabilities; what padding holds does not matter.
        lengths: Number of words of each post.
        tags: Numbers of the types.
        longest: Most words of a span; unlimited if ``None``.
        bias: Gain of every span, in nats: higher finds more.
    """
    posts, words = scores.shape[:2]
    rows = np.arange(posts)
    best = np.zeros((posts, words + 1), dtype=np.float32)
    start = np.zeros((words + 1, posts), dtype=np.intp)
    tag = np.zeros((words + 1, posts), dtype=np.intp)
    gains = np.zeros((len(tags.entity_types), posts, 0), dtype=np.float32)
    for end in range(1, words + 1):
        gains = _extend(gains, scores, end, tags, longest)
        gain = gains.max(axis=0) + np.float32(bias)
        np.maximum(gain[:, 0], 0, out=gain[:, 0])
        first = end - gain.shape[1]
        # Shorter spans stand first, so that a tie leaves words outside.
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
    longest: int | None,
) -> Float32[np.ndarray, "types posts _"]:
    """Gains of the spans before ``end`` by size, from those of the spans one word earlier.

    A span is the one that ends a word earlier and the column of cells above its last
    word, so no difference of large sums is taken and float32 suffices for long posts.
    """
    first = 0 if longest is None else max(0, end - longest)
    column = scores[:, first:end, end - 1][:, ::-1].transpose(2, 0, 1)
    # In C order the sums below run over neighbours; numpy would keep the order of ``scores``.
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
    here = lengths.astype(np.intp)
    chosen = np.zeros(start.shape, dtype=bool)
    for end in range(len(start) - 1, 0, -1):
        at_end = here == end
        chosen[end] = at_end & (tag[end] != NONE)
        here = np.where(at_end, start[end], here)
    post, ends = np.nonzero(chosen.T)
    return Spans(post, start[ends, post], ends, tag[ends, post])
