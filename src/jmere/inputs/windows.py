"""Long texts, cut into windows that an encoder takes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from jmere.text.pieces import SPECIAL, PieceTokenizer
from jmere.text.words import Words

SPECIAL_PIECES = 2
"""Pieces that the tokenizer adds around a text."""

SENTENCE_ENDS = frozenset(".!?…")


def cut_into_windows(words: Words, tokenizer: PieceTokenizer, longest: int) -> list[Words]:
    """Cut a text into stretches that the encoder takes, at ends of sentences where possible.

    Offsets stay those of the whole text. A text that fits is returned as it is.

    Args:
        words: The words of the text.
        tokenizer: Splits the words into pieces.
        longest: Maximum number of pieces of a stretch, special ones included.
    """
    # A piece holds a byte or more, or all of a word, so most texts need not be split.
    if sum(len(word.encode()) + 1 for word in words.words) + SPECIAL_PIECES <= longest:
        return [words]
    sizes = [0] * len(words)
    for word in tokenizer.split([words.words])[0].words:
        if word != SPECIAL:
            sizes[word] += 1
    cuts = [0]
    while cuts[-1] < len(words):
        cuts.append(_cut(words, sizes, cuts[-1], longest - SPECIAL_PIECES))
    return [words.window(start, end) for start, end in pairwise(cuts)] or [words]


def _cut(words: Words, sizes: Sequence[int], start: int, room: int) -> int:
    """Return where the window that begins at ``start`` ends."""
    end = start
    while end < len(words) and sizes[end] <= room:
        room -= sizes[end]
        end += 1
    if end == len(words):
        return end
    sentence_ends = (
        place
        for place in range(end, (start + end) // 2, -1)
        if words.words[place - 1][-1:] in SENTENCE_ENDS
    )
    return next(sentence_ends, max(end, start + 1))
