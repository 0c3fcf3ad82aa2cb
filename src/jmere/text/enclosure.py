"""Attachment of brackets and quotation marks: both signs to one head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jmere.records import TextGraph

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_QUOTES = frozenset({'"', "'"})
_SIGNS = _QUOTES.union(_CLOSING, _CLOSING.values())


def hang_enclosures(graph: TextGraph) -> TextGraph:
    """Attach each pair of brackets or quotes to the top word between them, following UD.

    A left-to-right parser attaches an opening sign before it has read what follows. Signs that
    are not punctuation, or that govern a word, are unchanged.
    """
    if _SIGNS.isdisjoint(graph.words):
        return graph
    heads = list(graph.heads)
    for start, end in _pairs(graph):
        for word in range(start + 1, end):
            head = graph.heads[word]
            if graph.labels[word] != "punct" and (head == word or not start < head < end):
                heads[start] = heads[end] = word
                break
    return replace(graph, heads=tuple(heads))


def _pairs(graph: TextGraph) -> Iterator[tuple[int, int]]:
    governors = {head for word, head in enumerate(graph.heads) if head != word}
    opened: list[int] = []
    quotes: dict[str, int] = {}
    for index, (word, label) in enumerate(zip(graph.words, graph.labels, strict=True)):
        if word not in _SIGNS or label != "punct" or index in governors:
            continue
        if word in _CLOSING:
            opened.append(index)
        elif word not in _QUOTES:
            if opened and _CLOSING[graph.words[opened[-1]]] == word:
                yield opened.pop(), index
        elif word in quotes:
            yield quotes.pop(word), index
        else:
            quotes[word] = index
