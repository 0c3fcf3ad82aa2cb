"""Links and mentions into the word-pair grid of Figure 3, and a list of what it cannot hold."""

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
    """The gold grid of a post, what it holds and what it does not."""

    grid: Int16[np.ndarray, "words words"]
    """Number of the tag of each pair of words."""
    links: tuple[Link, ...]
    """The links held, sorted."""
    mentions: tuple[Mention, ...]
    """The mentions held, those of the links included, in text order."""
    lost: tuple[Lost, ...]


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
    with i in a head and j in its tail has their relation; every other is none.

    Args:
        links: Held first, in this order, with their entities.
        mentions: Entities beside those of the links.
        words: Number of words of the post.
        tags: Numbers of types and relations.
        symmetric: Write relations to cell (j, i) as well, as the paper does. Then
            a grid no longer says which of the two entities is the head.

    Returns:
        The grid, what it holds and, with reasons, all that it does not.

    Raises:
        ValueError: If a mention leaves the post, or the tag set lacks a name.
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
    """Stack the grids of several posts, with ``fill`` where a post has no words."""
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
    """Encode several posts, each its links, mentions and number of words.

    Returns:
        The grids, ``fill`` in the cells of padding, and what each post lost.
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
            f"entity at words {mention.start}:{mention.end}, expected a span inside 0:{words}"
        )
    _known(mention.type, tags.entity_types, "entity type")


def _known(name: str, names: Sequence[str], kind: str) -> None:
    if name not in names:
        raise ValueError(f"{kind} {name!r} is not in the tag set; {nearest(name, names)}")
