"""Crowded posts are scored in overlapping windows, whose scores are fused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jmere.grid.decode import DecodeOptions
from jmere.grid.word_labels import OUTSIDE
from jmere.inputs.overlap import WordSpan, cut_post, sentence_spans, windows_of_words
from jmere.inputs.prepare import PreparedPost
from jmere.records import FloatArray
from jmere.tagger.scorer import GridScores
from jmere.tags import NONE
from jmere.text.words import Words

APART = -12.0
"""Log-probability of every tag but none for two words that no window holds together."""

_LEAST = 1e-9


class _Window(NamedTuple):
    span: WordSpan
    grid: NDArray[np.float32]
    plan: FloatArray | None
    attention: FloatArray | None
    names: FloatArray | None


class Windowing:
    """The parts in which posts are scored: a post as it is, or overlapping windows of it."""

    def __init__(self, posts: Sequence[PreparedPost], options: DecodeOptions) -> None:
        self._spans = [
            windows_of_words(
                post.words,
                size=options.window,
                step=options.window_step,
                beyond=options.window_beyond,
                dense=options.window_dense,
                skip_addresses=options.skip_addresses,
            )
            for post in posts
        ]
        self._words = [post.words for post in posts]
        self._across = options.across
        self._places = [(index, span) for index, own in enumerate(self._spans) for span in own]
        self._held: dict[int, list[_Window]] = {}
        self.parts = [
            cut_post(posts[index], *span) if self._is_cut(index) else posts[index]
            for index, span in self._places
        ]
        """What is to be scored, in any order and any batches."""

    def completed(
        self, numbers: Sequence[int], scored: GridScores
    ) -> Iterator[tuple[list[int], GridScores]]:
        """Take the scores of some parts; yield posts whose parts are all there, with their scores.

        The probabilities of two words are the mean over the windows that hold both.

        Args:
            numbers: Index of each part.
            scored: The scores of these parts.
        """
        owners = [self._places[number][0] for number in numbers]
        whole = [row for row, index in enumerate(owners) if not self._is_cut(index)]
        if whole:
            yield [owners[row] for row in whole], _rows(scored, whole)
        for row, index in enumerate(owners):
            if not self._is_cut(index):
                continue
            window = _window(self._places[numbers[row]][1], scored, row)
            self._held.setdefault(index, []).append(window)
            if len(self._held[index]) == len(self._spans[index]):
                yield [index], _fused(self._held.pop(index), self._words[index], self._across)

    def _is_cut(self, index: int) -> bool:
        return list(self._spans[index]) != [(0, len(self._words[index]))]


def _window(span: WordSpan, scored: GridScores, row: int) -> _Window:
    size = span[1] - span[0]
    return _Window(
        span,
        scored.grids[row, :size, :size].copy(),
        None if scored.plan is None else scored.plan[row, :size].copy(),
        None if scored.attention is None else scored.attention[row, :size].copy(),
        None if scored.names is None else scored.names[row, :size].copy(),
    )


def _rows(scored: GridScores, rows: Sequence[int]) -> GridScores:
    """Return the scores of some posts of a batch."""
    if len(rows) == len(scored.lengths):
        return scored
    index = np.array(rows, np.int64)
    return GridScores(
        scored.grids[index],
        scored.lengths[index],
        None if scored.plan is None else scored.plan[index],
        None if scored.attention is None else scored.attention[index],
        None if scored.names is None else scored.names[index],
    )


def _fused(windows: Sequence[_Window], text: Words, across: float) -> GridScores:
    """Return the scores of a post, from those of its windows."""
    windows = sorted(windows, key=lambda window: window.span)
    words = len(text)
    shape = (1, words, words, windows[0].grid.shape[-1])
    grid, counts = np.zeros(shape, np.float32), np.zeros((1, words, words, 1), np.float32)
    for window in windows:
        own = slice(*window.span)
        grid[0, own, own] += _probabilities(window.grid)
        counts[0, own, own] += 1
    apart = counts[..., 0] == 0
    grid /= counts.clip(min=1)
    if across < 1 and len(windows) > 1:
        _weaken(grid[0], text, across)
    grid = np.log(grid + np.float32(_LEAST))
    grid[apart] = APART
    grid[apart, NONE] = 0
    plan = _fused_rows([(window.span, window.plan) for window in windows], words)
    if plan is not None:
        plan /= max(float(plan.sum()), _LEAST)
    attention = _fused_rows([(window.span, window.attention) for window in windows], words)
    unread = counts[0].diagonal()[0] == 0
    if attention is not None:  # a word that no window holds attends as the others do
        attention[0, unread] = attention[0, ~unread].mean(axis=0)
    names = _fused_rows([(window.span, window.names) for window in windows], words)
    if names is not None:
        names[0, unread] = APART
        names[0, unread, OUTSIDE] = 0
    return GridScores(grid, np.array([words]), plan, attention, names)


def _weaken(grid: NDArray[np.float32], text: Words, across: float) -> None:
    """Move a share of the probability of two words of different sentences to none."""
    sizes = [end - start for start, end in sentence_spans(text)]
    sentence = np.repeat(np.arange(len(sizes)), sizes)
    apart = sentence[:, None] != sentence
    grid[apart] *= np.float32(across)
    grid[apart, NONE] += np.float32(1 - across)


def _probabilities(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(invalid="ignore"):  # what is not finite stays so, and is told
        shares: NDArray[np.float32] = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
    return shares


def _fused_rows(
    parts: Sequence[tuple[WordSpan, FloatArray | None]], words: int
) -> FloatArray | None:
    """Return the mean row of each word, in a batch of one post."""
    found = [(span, rows) for span, rows in parts if rows is not None]
    if not found:
        return None
    width = max(rows.shape[1] for _, rows in found)
    whole, counts = np.zeros((1, words, width), np.float32), np.zeros((1, words, 1), np.float32)
    for (start, end), rows in found:
        whole[0, start:end, : rows.shape[1]] += rows
        counts[0, start:end] += 1
    whole /= counts.clip(min=1)
    return whole
