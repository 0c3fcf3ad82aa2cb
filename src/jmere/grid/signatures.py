"""Which types of head and tail each relation was seen with."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from jaxtyping import Bool

from jmere.errors import short_repr
from jmere.records import Link, Mention
from jmere.tags import TagSet

Signature = tuple[str, str, str]
"""A relation and the types of its head and tail."""


def learn_signatures(
    links: Iterable[Link], tags: TagSet
) -> Bool[np.ndarray, "relations types types"]:
    """Admit a relation between the (head type, tail type) pairs it has in ``links``.

    Numbered as in ``tags``. A relation that occurs nowhere admits every pair: there
    is nothing against it.

    Raises:
        KeyError: If the tag set lacks a type or a relation of ``links``.
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
    """The distinct signatures of links, sorted: what a model's folder keeps of them."""
    return tuple(sorted({(link.relation, link.head.type, link.tail.type) for link in links}))


@lru_cache(maxsize=8)
def admitted_types(
    signatures: tuple[Signature, ...], tags: TagSet
) -> Bool[np.ndarray, "relations types types"]:
    """What `learn_signatures` gives for links of these signatures."""
    return learn_signatures(
        (
            Link(Mention(0, 1, head), Mention(1, 2, tail), relation)
            for relation, head, tail in signatures
        ),
        tags,
    )


def read_signatures(values: object) -> tuple[Signature, ...] | None:
    """The signatures of a model's config file.

    Raises:
        TypeError: If it holds anything but lists of three names.
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
