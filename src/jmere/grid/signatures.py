"""Which types of head and tail each relation was seen with."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Bool

from jmere.records import Link
from jmere.tags import TagSet


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
