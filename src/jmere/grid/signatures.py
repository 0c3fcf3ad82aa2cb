"""Signatures: the types of head and tail that each relation occurs with."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from jaxtyping import Bool

from jmere.errors import short_repr
from jmere.records import Link, Mention
from jmere.tags import TagSet

Signature = tuple[str, str, str]
"""A relation, the type of its head and the type of its tail."""


def learn_signatures(
    links: Iterable[Link], tags: TagSet
) -> Bool[np.ndarray, "relations types types"]:
    """Admit each relation between the (head type, tail type) pairs it has in ``links``.

    Indices are those of ``tags``. A relation that never occurs admits every pair.

    Raises:
        KeyError: If the tag set lacks a type or a relation of ``links``.

    Example:
        >>> tags = TagSet(entity_types=("per", "loc"), relations=("lives_in",))
        >>> link = Link(Mention(0, 1, "per"), Mention(2, 3, "loc"), "lives_in")
        >>> learn_signatures([link], tags).tolist()
        [[[False, True], [False, False]]]
    """
    types = len(tags.entity_types)
    seen = np.zeros((len(tags.relations), types, types), dtype=bool)
    for link in links:
        relation = tags.relation_id(link.relation) - tags.relation_slice.start
        head = tags.entity_id(link.head.type) - tags.entity_slice.start
        tail = tags.entity_id(link.tail.type) - tags.entity_slice.start
        seen[relation, head, tail] = True
    seen[~seen.any(axis=(1, 2))] = True
    return seen


def named_signatures(links: Iterable[Link]) -> tuple[Signature, ...]:
    """Return the distinct signatures of links, sorted, as stored in a model's folder.

    Example:
        >>> named_signatures([Link(Mention(0, 1, "per"), Mention(2, 3, "loc"), "lives_in")])
        (('lives_in', 'per', 'loc'),)
    """
    return tuple(sorted({(link.relation, link.head.type, link.tail.type) for link in links}))


@lru_cache(maxsize=8)
def admitted_types(
    signatures: tuple[Signature, ...], tags: TagSet
) -> Bool[np.ndarray, "relations types types"]:
    """Return the result of `learn_signatures` for links with these signatures."""
    return learn_signatures(
        (
            Link(Mention(0, 1, head), Mention(1, 2, tail), relation)
            for relation, head, tail in signatures
        ),
        tags,
    )


def read_signatures(values: object) -> tuple[Signature, ...] | None:
    """Parse the signatures of a model's config file.

    Raises:
        TypeError: If it is not a list of lists of three names.
    """
    if values is None:
        return None
    if not isinstance(values, list):
        raise TypeError("signatures must be a list")
    found = []
    for value in values:
        if not isinstance(value, list) or [type(name) for name in value] != [str] * 3:
            raise TypeError(f"signature {short_repr(value)}: expected a relation and two types")
        found.append((value[0], value[1], value[2]))
    return tuple(found)
