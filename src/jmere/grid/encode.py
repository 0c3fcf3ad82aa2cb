"""Encode links and mentions as a word-pair grid (EEGA, Figure 3); list what does not fit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int16

from jmere.errors import nearest
from jmere.grid.holding import Holding, Lost, hold
from jmere.records import Link, Mention
from jmere.tags import IGNORE, NONE, TagSet


@dataclass(frozen=True, eq=False)
class Encoded:
    """Gold grid of a post, with the annotations that it represents and those it cannot."""

    grid: Int16[np.ndarray, "words words"]
    """Number of the tag of each pair of words."""
    links: tuple[Link, ...]
    """Links in the grid, sorted."""
    mentions: tuple[Mention, ...]
    """Mentions in the grid, including those of the links, in text order."""
    lost: tuple[Lost, ...]
    """Annotations that the grid cannot represent, with reasons."""


def encode(
    links: Sequence[Link],
    mentions: Sequence[Mention],
    words: int,
    tags: TagSet,
    *,
    symmetric: bool = False,
) -> Encoded:
    """Write a post's links and mentions as tags of word pairs.

    Cell (i, j) with i <= j inside one entity has the entity's type; cell (i, j)
    with i in a head and j in its tail has their relation; every other cell is none.

    Args:
        links: Encoded first, in this order, with their entities.
        mentions: Entities besides those of the links.
        words: Number of words of the post.
        tags: Numbers of types and relations.
        symmetric: Write relations to cell (j, i) as well, as the paper does. Then
            a grid does not tell which of the two entities is the head.

    Returns:
        The grid, the annotations in it, and with reasons those that do not fit.

    Raises:
        ValueError: If a mention is outside the post, or a name is not in the tag set.

    Example:
        >>> tags = TagSet(entity_types=("per", "loc"), relations=("lives_in",))
        >>> link = Link(Mention(0, 1, "per"), Mention(2, 3, "loc"), "lives_in")
        >>> encode([link], [], 3, tags).grid.tolist()
        [[1, 0, 3], [0, 0, 0], [0, 0, 2]]
    """
    for mention in [*(end for link in links for end in (link.head, link.tail)), *mentions]:
        _check(mention, words, tags)
    for link in links:
        _known(link.relation, tags.relations, "relation")
    holding, lost = hold(links, mentions, symmetric=symmetric)
    return Encoded(
        grid=_paint(holding, words, tags),
        links=tuple(sorted(holding.links.values(), key=lambda link: (link.head, link.tail))),
        mentions=tuple(sorted(holding.mentions)),
        lost=lost,
    )


def pad_grids(
    grids: Sequence[Int16[np.ndarray, "_ _"]], *, fill: int = IGNORE
) -> Int16[np.ndarray, "posts words words"]:
    """Stack the grids of several posts, padded with ``fill``.

    Example:
        >>> pad_grids([np.zeros((1, 1), np.int16), np.ones((2, 2), np.int16)])[0].tolist()
        [[0, -100], [-100, -100]]
    """
    words = max(map(len, grids), default=0)
    padded = np.full((len(grids), words, words), fill, dtype=np.int16)
    for row, grid in zip(padded, grids, strict=True):
        row[: len(grid), : len(grid)] = grid
    return padded


def encode_batch(
    posts: Iterable[tuple[Sequence[Link], Sequence[Mention], int]],
    tags: TagSet,
    *,
    symmetric: bool = False,
    fill: int = IGNORE,
) -> tuple[Int16[np.ndarray, "posts words words"], list[tuple[Lost, ...]]]:
    """Encode several posts, each given as links, mentions and number of words.

    Returns:
        The grids, padded with ``fill``, and the annotations that each post lost.
    """
    encoded = [encode(*post, tags, symmetric=symmetric) for post in posts]
    return pad_grids([one.grid for one in encoded], fill=fill), [one.lost for one in encoded]


def _paint(holding: Holding, words: int, tags: TagSet) -> Int16[np.ndarray, "words words"]:
    grid = np.full((words, words), NONE, dtype=np.int16)
    for mention in holding.mentions:
        block = grid[mention.start : mention.end, mention.start : mention.end]
        block[np.triu_indices(len(block))] = tags.entity_id(mention.type)
    for link in holding.links.values():
        head, tail = slice(link.head.start, link.head.end), slice(link.tail.start, link.tail.end)
        grid[head, tail] = tags.relation_id(link.relation)
        if holding.symmetric:
            grid[tail, head] = tags.relation_id(link.relation)
    return grid


def _check(mention: Mention, words: int, tags: TagSet) -> None:
    if not 0 <= mention.start < mention.end <= words:
        raise ValueError(
            f"entity at words {mention.start}:{mention.end}, expected a span within 0:{words}"
        )
    _known(mention.type, tags.entity_types, "entity type")


def _known(name: str, names: Sequence[str], kind: str) -> None:
    if name not in names:
        raise ValueError(f"{kind} {name!r} is not in the tag set; {nearest(name, names)}")
