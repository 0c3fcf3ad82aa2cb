"""Sentences made more like posts, to train a parser for posts on edited text."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from jmere.records import TextGraph

_LONGEST = 40
"""Most words of sentences joined to one post."""


def like_posts(sentences: Sequence[TextGraph], seed: int) -> Iterator[TextGraph]:
    """The sentences, and for about three in ten of them one more post made of it.

    One in ten is repeated in lower case and one in 25 in capitals. About one in
    six is joined with its successors, as the sentences of a post are in one tree.
    """
    generator = random.Random(seed)
    for index, sentence in enumerate(sentences):
        yield sentence
        draw = generator.random()
        if draw < 0.10:
            yield _recased(sentence, str.lower)
        elif draw < 0.14:
            yield _recased(sentence, str.upper)
        elif draw < 0.30:
            following = sentences[index + 1 : index + generator.choice((2, 2, 3))]
            parts = [
                _without_full_stop(part) if generator.random() < 0.3 else part
                for part in (sentence, *following)
            ]
            if sum(len(part.words) for part in parts) <= _LONGEST:
                yield join_sentences(parts)


def join_sentences(parts: Sequence[TextGraph]) -> TextGraph:
    """One tree of several: every later root is ``parataxis`` of the first, as in Tweebank."""
    words: list[str] = []
    pos: list[str] = []
    heads: list[int] = []
    labels: list[str] = []
    first: int | None = None
    for part in parts:
        start = len(words)
        for position, (head, label) in enumerate(zip(part.heads, part.labels, strict=True)):
            if head != position or first is None:
                heads.append(start + head)
                labels.append(label)
                if head == position:
                    first = start + position
            else:
                heads.append(first)
                labels.append("parataxis")
        words += part.words
        pos += part.pos
    return TextGraph(tuple(words), tuple(pos), tuple(heads), tuple(labels))


def _recased(sentence: TextGraph, case: Callable[[str], str]) -> TextGraph:
    return replace(sentence, words=tuple(map(case, sentence.words)))


def _without_full_stop(sentence: TextGraph) -> TextGraph:
    last = len(sentence.words) - 1
    if last < 1 or sentence.words[last] != "." or last in sentence.heads:
        return sentence
    return TextGraph(
        sentence.words[:last], sentence.pos[:last], sentence.heads[:last], sentence.labels[:last]
    )
