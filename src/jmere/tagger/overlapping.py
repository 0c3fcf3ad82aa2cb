"""Scores of posts, those of a crowded post fused from its overlapping windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jmere.inputs.overlap import Span, cut_post, windows_of_words
from jmere.inputs.prepare import PreparedPost
from jmere.records import FloatArray
from jmere.tagger.batches import by_length
from jmere.tagger.tagger import Tagger
from jmere.tags import NONE

APART = -12.0
"""Log-probability of every tag but none for two words that no window holds together."""

_LEAST = 1e-9


class ScoredBatch(NamedTuple):
    """Scores of some posts, padded to the longest."""

    indices: list[int]
    """Index of each post."""
    scores: NDArray[np.float32]
    """Posts x words x words x tags."""
    lengths: NDArray[np.int64]
    plan: FloatArray | None
    """Transport plans, posts x words x objects; ``None`` without pictures."""
    attention: FloatArray | None

    def post(self, row: int) -> tuple[NDArray[np.float32], FloatArray | None, FloatArray | None]:
        """Return the scores, plan and attention of one post, without padding of words."""
        size = int(self.lengths[row])
        plan = None if self.plan is None else self.plan[row, :size]
        attention = None if self.attention is None else self.attention[row, :size]
        return self.scores[row, :size, :size], plan, attention


class _Window(NamedTuple):
    span: Span
    scores: NDArray[np.float32]
    plan: FloatArray | None
    attention: FloatArray | None


def scored(
    tagger: Tagger, posts: Sequence[PreparedPost], *, batch_size: int, gold: bool = False
) -> Iterator[ScoredBatch]:
    """Score posts in batches of about one length, in any order.

    A post of more words than ``decoding.window_beyond`` is scored in overlapping windows. The
    probabilities of two words are the mean over the windows that hold both.
    """
    options = tagger.decoder.options
    spans = [
        windows_of_words(
            post.words,
            size=options.window,
            step=options.window_step,
            beyond=options.window_beyond,
        )
        for post in posts
    ]
    whole = [index for index, own in enumerate(spans) if len(own) == 1]
    for batch in _batches(tagger, [posts[index] for index in whole], batch_size, gold=gold):
        yield batch._replace(indices=[whole[index] for index in batch.indices])

    windows = [(index, span) for index, own in enumerate(spans) if len(own) > 1 for span in own]
    ready = [cut_post(posts[index], *span) for index, span in windows]
    held: dict[int, list[_Window]] = {}
    for batch in _batches(tagger, ready, batch_size, gold=gold):
        for row, number in enumerate(batch.indices):
            index, span = windows[number]
            held.setdefault(index, []).append(_Window(span, *batch.post(row)))
            if len(held[index]) == len(spans[index]):
                yield _fused(index, held.pop(index))


def _batches(
    tagger: Tagger, posts: Sequence[PreparedPost], batch_size: int, *, gold: bool
) -> Iterator[ScoredBatch]:
    for indices in by_length([len(post.pieces.ids) for post in posts], batch_size):
        scores, lengths, soft = tagger.scores(
            tagger.batch([posts[index] for index in indices], gold=gold)
        )
        plan, attention = (None, None) if soft is None else soft
        yield ScoredBatch(
            indices,
            scores,
            lengths,
            None if plan is None else plan.float().cpu().numpy(),
            None if attention is None else attention.float().cpu().numpy(),
        )


def _fused(index: int, windows: Sequence[_Window]) -> ScoredBatch:
    """Return the scores of a post, from those of its windows."""
    windows = sorted(windows, key=lambda window: window.span)
    words = max(end for _, end in (window.span for window in windows))
    shape = (1, words, words, windows[0].scores.shape[-1])
    grid, counts = np.zeros(shape, np.float32), np.zeros((1, words, words, 1), np.float32)
    for window in windows:
        own = slice(*window.span)
        grid[0, own, own] += _probabilities(window.scores)
        counts[0, own, own] += 1
    apart = counts[..., 0] == 0
    grid = np.log(grid / counts.clip(min=1) + _LEAST)
    grid[apart] = APART
    grid[apart, NONE] = 0
    plan = _fused_rows([(window.span, window.plan) for window in windows], words)
    if plan is not None:
        plan /= max(float(plan.sum()), _LEAST)
    attention = _fused_rows([(window.span, window.attention) for window in windows], words)
    return ScoredBatch([index], grid, np.array([words]), plan, attention)


def _probabilities(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def _fused_rows(parts: Sequence[tuple[Span, FloatArray | None]], words: int) -> FloatArray | None:
    """Return the mean row of each word, in a batch of one post."""
    found = [(span, rows) for span, rows in parts if rows is not None]
    if not found:
        return None
    whole = np.zeros((1, words, found[0][1].shape[1]), np.float32)
    counts = np.zeros((1, words, 1), np.float32)
    for (start, end), rows in found:
        whole[0, start:end] += rows
        counts[0, start:end] += 1
    return whole / counts.clip(min=1)
