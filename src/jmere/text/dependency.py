"""Dependency graphs as arrays: edge types, hop distances and parts of speech of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmere.records import TextGraph
from jmere.tags import ABSENT, Vocabulary
from jmere.terminal import aligned

SELF = "self"
"""Edge type of a word to itself."""

HOP_LIMIT = 14
"""Maximum hop distance; longer paths are clipped to it."""

UNREACHABLE = HOP_LIMIT + 1
"""Hop distance between words of different trees, and to padding."""

HOP_BINS = HOP_LIMIT + 2
"""Number of hop distances: 0 to ``HOP_LIMIT``, and unreachable."""


def dependency_vocabulary(labels: Iterable[str]) -> Vocabulary:
    """Build the edge types of text graphs: ``SELF``, then the dependency labels."""
    return Vocabulary([SELF, *labels])


def pos_ids(graphs: Sequence[TextGraph], vocabulary: Vocabulary) -> NDArray[np.uint8]:
    """Return the part-of-speech id of each word.

    Returns:
        Numbers of ``vocabulary``, posts x words, ``ABSENT`` on padding.
    """
    post, index, width = _word_indices(graphs)
    numbers = np.full((len(graphs), width), ABSENT, np.uint8)
    numbers[post, index] = _ids((graph.pos for graph in graphs), vocabulary)
    return numbers


def dependency_types(graphs: Sequence[TextGraph], vocabulary: Vocabulary) -> NDArray[np.uint8]:
    """Return the edge types of the dependency graphs, undirected and with self-loops.

    Returns:
        Numbers of ``vocabulary``, posts x words x words, ``ABSENT`` where there is no edge.
    """
    post, index, width = _word_indices(graphs)
    heads = _flat((graph.heads for graph in graphs), len(post))
    labels = _ids((graph.labels for graph in graphs), vocabulary)
    types = np.full((len(graphs), width, width), ABSENT, np.uint8)
    types[post, index, heads] = labels
    types[post, heads, index] = labels
    types[post, index, index] = vocabulary.id(SELF)
    return types


def hop_distances(graphs: Sequence[TextGraph], *, limit: int = HOP_LIMIT) -> NDArray[np.uint8]:
    """Return the path length in edges between any two words of a post.

    Args:
        graphs: The posts' graphs.
        limit: Maximum distance; longer paths are clipped to it.

    Returns:
        Distances, posts x words x words: 0 to ``limit``, and ``limit + 1`` between words of
        two trees and on padding.

    Raises:
        ValueError: If ``limit`` is not between 1 and 254.

    Example:
        >>> graph = TextGraph(("Bonn", "wins"), ("PROPN", "VERB"), (1, 1), ("nsubj", "root"))
        >>> hop_distances([graph])[0].tolist()
        [[0, 1], [1, 0]]
    """
    if not 1 <= limit <= 254:
        raise ValueError(f"the limit of hop distances must be in [1, 254], got {limit}")
    post, index, width = _word_indices(graphs)
    count = len(graphs)
    parents = np.tile(np.arange(width), (count, 1))
    parents[post, index] = _flat((graph.heads for graph in graphs), len(post))

    far = np.iinfo(np.int16).max // 2
    hops = np.full((count, width, width), far, np.int16)
    rows = np.arange(count)
    # A word is as far from every word placed before it as its head, and one hop more.
    for word in np.argsort(_depths(parents), axis=1, kind="stable").T:
        ways = hops[rows, parents[rows, word]] + 1
        hops[rows, word] = ways
        hops[rows, :, word] = ways
        hops[rows, word, word] = 0
    distances = np.where(hops < far, np.minimum(hops, limit), limit + 1).astype(np.uint8)
    padding = np.ones((count, width), bool)
    padding[post, index] = False
    distances[padding] = limit + 1
    return distances


def render(graph: TextGraph) -> str:
    """Format the graph as a table: number, word, part of speech, head and label."""
    words = graph.words
    heads = (f"{head} {words[head]}" if head != i else "-" for i, head in enumerate(graph.heads))
    rows = zip(map(str, range(len(words))), words, graph.pos, heads, graph.labels, strict=True)
    return aligned(("", "word", "pos", "head", "label"), rows, numeric=False)


def graph_to_json(graph: TextGraph) -> list[dict[str, Any]]:
    """Convert the graph to a list of objects with ``word``, ``pos``, ``head`` and ``label``."""
    keys = ("word", "pos", "head", "label")
    rows = zip(graph.words, graph.pos, graph.heads, graph.labels, strict=True)
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _depths(parents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the depth of each word in its tree, posts x words, by pointer doubling."""
    depths: NDArray[np.int64] = (parents != np.arange(parents.shape[1])).astype(np.int64)
    above = parents
    for _ in range(parents.shape[1].bit_length()):
        depths = depths + np.take_along_axis(depths, above, axis=1)
        above = np.take_along_axis(above, above, axis=1)
    return depths


def _word_indices(graphs: Sequence[TextGraph]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return post and word index of every word, and the maximum length of a post."""
    lengths = np.array([len(graph.words) for graph in graphs], np.int64)
    post = np.repeat(np.arange(len(graphs)), lengths)
    index = np.arange(len(post)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return post, index, int(lengths.max(initial=0))


def _flat(values: Iterable[Sequence[int]], count: int) -> NDArray[np.int64]:
    return np.fromiter(chain.from_iterable(values), np.int64, count)


def _ids(names: Iterable[Sequence[str]], vocabulary: Vocabulary) -> NDArray[np.uint8]:
    return np.array([vocabulary.id(name) for name in chain.from_iterable(names)], np.uint8)
