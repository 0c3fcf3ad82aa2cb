"""A post, the description of its picture and its entities as arrays: the input of ``visible``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmere.records import Mention
from jmere.text.pieces import SPECIAL, Pieces, PieceTokenizer
from jmere.text.shapes import shape_ids
from jmere.text.words import split

MAX_DESCRIPTION = 96
"""Pieces of a description that are read; the rest is cut."""

INPUTS = (
    *("piece_ids", "piece_mask", "piece_shapes", "first", "described"),
    *("posts", "spans", "types", "traits"),
)
"""Inputs of ``jmere.layers.visible.VisibleNetwork``, in their order."""

TRAITS = 6
"""Traits of an entity: the post's entities, those before it, those of its type, its words; how
much of its name the description says, and the most it says of another entity's name."""

SAME_TYPE = 2
"""Number of the trait that counts the post's entities of the same type."""

MOST_COUNTED = 4
"""Traits are counted up to this number."""

PairArrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class DescribedPost:
    """Pieces of a post and of the description of its picture, and the entities to judge."""

    pieces: Pieces
    shapes: tuple[int, ...]
    """Shape of each word of the post."""
    description: Pieces
    """Without the first special piece, with the last one."""
    description_shapes: tuple[int, ...]
    mentions: tuple[Mention, ...]

    @property
    def length(self) -> int:
        """Number of pieces."""
        return len(self.pieces.ids) + len(self.description.ids)


def pair_posts(
    words: Sequence[Sequence[str]],
    pieces: Sequence[Pieces],
    descriptions: Sequence[str],
    mentions: Sequence[Sequence[Mention]],
    tokenizer: PieceTokenizer,
    *,
    longest: int,
) -> list[DescribedPost | None]:
    """Put each post and its description together.

    Args:
        words: Words of each post.
        pieces: Their pieces.
        descriptions: The description of each post's picture; blank where there is none.
        mentions: The entities of each post.
        tokenizer: Splits the descriptions.
        longest: Maximum number of pieces of post and description. The description is cut, never
            the post.

    Returns:
        ``None`` for a post that leaves no room for a piece of a description.
    """
    split_up = [split(text).words for text in descriptions]
    found: list[DescribedPost | None] = []
    rows = zip(words, pieces, split_up, tokenizer.split(split_up), mentions, strict=True)
    for own, post, described, context, entities in rows:
        room = min(longest - len(post.ids), MAX_DESCRIPTION)
        found.append(
            None
            if room < 1
            else DescribedPost(
                post,
                tuple(shape_ids(own)),
                _cut(context, room),
                tuple(shape_ids(described)),
                tuple(entities),
            )
        )
    return found


def pair_arrays(posts: Sequence[DescribedPost], types: Sequence[str]) -> PairArrays:
    """Pad posts to a batch.

    Args:
        posts: The posts.
        types: Entity types by number, from 1; any other type is number 0.
    """
    rows = [(*post.pieces.ids, *post.description.ids) for post in posts]
    shape = (len(posts), max(post.length for post in posts))
    ids, shapes = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    mask, first, described = (np.zeros(shape, np.bool_) for _ in range(3))
    for index, (row, post) in enumerate(zip(rows, posts, strict=True)):
        own = len(post.pieces.ids)
        ids[index, : len(row)], mask[index, : len(row)] = row, True
        described[index, own : len(row)] = True
        for start, end in ((0, own), (own, len(row))):
            first[index, start + np.unique(row[start:end], return_index=True)[1]] = True
        shapes[index, :own] = _by_piece(post.pieces, post.shapes)
        shapes[index, own : len(row)] = _by_piece(post.description, post.description_shapes)
    numbers = {name: number for number, name in enumerate(types, start=1)}
    mentions = [(index, each) for index, post in enumerate(posts) for each in post.mentions]
    spans = np.zeros((len(mentions), shape[1]), np.float32)
    for span, (index, mention) in zip(spans, mentions, strict=True):
        words = np.array(posts[index].pieces.words)
        inside = (words >= mention.start) & (words < mention.end)
        span[: len(words)] = inside / max(1, inside.sum())
    return {
        "piece_ids": ids,
        "piece_mask": mask,
        "piece_shapes": shapes,
        "first": first,
        "described": described,
        "posts": np.array([index for index, _ in mentions], np.int64),
        "spans": spans,
        "types": np.array([numbers.get(each.type, 0) for _, each in mentions], np.int64),
        "traits": np.concatenate([np.zeros((0, TRAITS), np.int64), *map(_traits, posts)]),
    }


def by_post(
    values: NDArray[np.float32], posts: Sequence[DescribedPost]
) -> list[NDArray[np.float32]]:
    """Divide what was computed for the entities of a batch into its posts."""
    return np.split(values, np.cumsum([len(post.mentions) for post in posts])[:-1])


def _cut(context: Pieces, room: int) -> Pieces:
    """Drop the first special piece; of a longer context, keep its start and its last piece."""
    first = int(len(context.ids) > 1 and context.words[0] == SPECIAL)
    ids, words = context.ids[first:], context.words[first:]
    if len(ids) > room:
        ids, words = (*ids[: room - 1], ids[-1]), (*words[: room - 1], words[-1])
    return Pieces(ids, words)


def _traits(post: DescribedPost) -> NDArray[np.int64]:
    """Return the traits of each mention, counted up to ``MOST_COUNTED``."""
    kinds = [mention.type for mention in post.mentions]
    said = [_said(post, mention) for mention in post.mentions]
    counted = [
        (
            *(len(kinds), index, kinds.count(mention.type), mention.end - mention.start),
            *(said[index], max((*said[:index], *said[index + 1 :]), default=0)),
        )
        for index, mention in enumerate(post.mentions)
    ]
    return np.array(counted, np.int64).reshape(-1, TRAITS).clip(max=MOST_COUNTED)


def _said(post: DescribedPost, mention: Mention) -> int:
    """Return how many of a mention's pieces the description has: ``MOST_COUNTED`` if all."""
    told = set(post.description.ids[:-1])
    found = [
        piece in told
        for piece, word in zip(post.pieces.ids, post.pieces.words, strict=True)
        if mention.start <= word < mention.end
    ]
    if found and all(found):
        return MOST_COUNTED
    return math.ceil((MOST_COUNTED - 1) * sum(found) / max(1, len(found)))


def _by_piece(pieces: Pieces, shapes: Sequence[int]) -> list[int]:
    return [0 if word == SPECIAL else shapes[word] for word in pieces.words]
