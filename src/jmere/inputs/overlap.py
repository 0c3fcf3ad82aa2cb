"""Crowded posts, cut into short overlapping windows of whole sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from jmere.inputs.prepare import PreparedPost
from jmere.inputs.windows import SENTENCE_ENDS
from jmere.records import TextGraph
from jmere.text.pieces import SPECIAL, Pieces
from jmere.text.spelling import kind_of
from jmere.text.words import Words

WordSpan = tuple[int, int]
"""Half-open range of words."""

DIVIDERS = frozenset({"|", "•", "·", "‖"})
"""Words that divide a post as the end of a sentence does."""


_NAMES, _DENSE = 2, 3
"""Capitalised words of a sentence that tells something, and such sentences of a dense text."""


def overlapping_spans(words: Words, *, size: int, step: int) -> list[WordSpan]:
    """Return windows that cover a text: the longest runs of sentences of up to ``size`` words.

    A sentence of more words is covered by windows of ``size`` words, each ``step`` words after
    the one before.

    Example:
        >>> from jmere.text.words import join
        >>> words = join("Ann won . Bob lost . Carl slept .".split())
        >>> overlapping_spans(words, size=6, step=2)
        [(0, 6), (3, 9)]
        >>> overlapping_spans(words, size=2, step=1)
        [(0, 2), (1, 3), (3, 5), (4, 6), (6, 8), (7, 9)]
    """
    sentences = sentence_spans(words)
    spans: list[WordSpan] = []
    reached = 0
    for first, (start, end) in enumerate(sentences):
        if end - start > size:
            spans += _sliding(start, end, size, step)
            reached = end
            continue
        stop = max(last for _, last in sentences[first:] if last - start <= size)
        if stop > reached:
            spans.append((start, stop))
            reached = stop
    return spans


def sentence_spans(words: Words, *, lines: bool = True) -> list[WordSpan]:
    """Return the sentences of a text, by last words, dividers and, by default, lines."""
    spans: list[WordSpan] = []
    start = 0
    for place in range(1, len(words) + 1):
        if place == len(words) or _divided(words, place, lines):
            spans.append((start, place))
            start = place
    return spans


def cut_post(post: PreparedPost, start: int, end: int) -> PreparedPost:
    """Return a window of a prepared post, without its annotation.

    A word whose head is outside the window becomes a root.
    """
    graph = post.graph
    kept = [
        place
        for place, word in enumerate(post.pieces.words)
        if word == SPECIAL or start <= word < end
    ]
    return replace(
        post,
        words=post.words.window(start, end),
        pieces=Pieces(
            ids=tuple(post.pieces.ids[place] for place in kept),
            words=tuple(
                word if (word := post.pieces.words[place]) == SPECIAL else word - start
                for place in kept
            ),
        ),
        graph=TextGraph(
            words=graph.words[start:end],
            pos=graph.pos[start:end],
            heads=tuple(
                head - start if start <= head < end else place
                for place, head in enumerate(graph.heads[start:end])
            ),
            labels=tuple(
                label if start <= head < end else "root"
                for label, head in zip(graph.labels[start:end], graph.heads[start:end], strict=True)
            ),
        ),
        mentions=(),
        links=(),
        taught=None,
    )


def _divided(words: Words, place: int, lines: bool) -> bool:
    """Return whether a sentence ends before a word."""
    before, word = words.words[place - 1], words.words[place]
    if before in DIVIDERS:
        return True
    if _is_end(before):
        return not _is_end(word)
    if not lines:
        return False
    between = words.text[words.spans[place - 1][1] : words.spans[place][0]]
    return "\n" in between and not word[:1].islower()


def _is_end(word: str) -> bool:
    return bool(word) and SENTENCE_ENDS.issuperset(word)


def _sliding(start: int, end: int, size: int, step: int) -> Iterator[WordSpan]:
    while start + size < end:
        yield start, start + size
        start += step
    yield max(start, end - size), end


def windows_of_words(
    words: Words,
    *,
    size: int,
    step: int,
    beyond: int,
    dense: int = 0,
    skip_addresses: bool = False,
) -> Sequence[WordSpan]:
    """Return the windows in which a text is read: the whole, up to ``beyond`` words.

    Args:
        words: The words of the text.
        size: Maximum number of words of a window; 0: the text is read whole.
        step: Words between the starts of the windows of a long sentence.
        beyond: Words up to which a text is read whole.
        dense: Maximum number of words of the sentences of a dense text, which are read one by one;
            0: it is read as any other.
        skip_addresses: Whether web addresses at the end are in no window.
    """
    stop = _before_addresses(words) if skip_addresses else len(words)
    read = words.window(0, stop)
    if size and dense and _is_dense(read, longest=dense):
        return sentence_spans(read)
    if not size or stop <= beyond:
        return [(0, stop)]
    return overlapping_spans(read, size=size, step=step)


def _is_dense(words: Words, *, longest: int) -> bool:
    """Return whether a text is of three short sentences or more that tell something each."""
    sentences = sentence_spans(words)
    return len(sentences) >= _DENSE and all(
        end - start <= longest
        and sum(word[0].isupper() for word in words.words[start:end]) >= _NAMES
        for start, end in sentences
    )


def _before_addresses(words: Words) -> int:
    """Return the number of words before the web addresses at the end, or of all if none is."""
    stop = len(words)
    while stop and kind_of(words.words[stop - 1]) == "url":
        stop -= 1
    return stop or len(words)
