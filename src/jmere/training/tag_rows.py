"""Weights of a trained network for one with other tags: all of them but those of unknown tags."""

import torch
from torch import nn

from jmere.tags import NONE, TagSet

MORE_TYPES, MORE_RELATIONS = 1, 2
"""Tags that ``widened`` adds. An axis that grows by both is one of the tags; one of entity labels
or of relations grows by another number."""


def widened(tags: TagSet) -> TagSet:
    """Return the tag set with more tags, to tell which weights depend on their number.

    Example:
        >>> len(widened(TagSet(("person",), ()))) - len(TagSet(("person",), ()))
        3
    """
    longest = max((*tags.entity_types, *tags.relations), key=len)
    more = [f"{longest}{number}" for number in range(MORE_TYPES + MORE_RELATIONS)]
    return TagSet((*tags.entity_types, *more[:MORE_TYPES]), (*tags.relations, *more[MORE_TYPES:]))


def shared_tags(mine: TagSet, its: TagSet) -> list[tuple[int, int]]:
    """Return the numbers of the tags that have one name in both sets, none among them.

    Example:
        >>> shared_tags(TagSet(("dish", "person"), ("cooks",)), TagSet(("person",), ("peer",)))
        [(0, 0), (2, 1)]
    """
    pairs = [(NONE, NONE)]
    for kind, number in (("entity_types", TagSet.entity_id), ("relations", TagSet.relation_id)):
        names = [name for name in getattr(mine, kind) if name in getattr(its, kind)]
        pairs += [(number(mine, name), number(its, name)) for name in names]
    return pairs


@torch.no_grad()
def take_weights(
    network: nn.Module, trained: nn.Module, wide: nn.Module, shared: list[tuple[int, int]]
) -> bool:
    """Put the weights of a trained network into one that differs from it in its tags alone.

    Of a weight with an axis of tags, only the rows of the shared ones are taken. Weights that
    depend on the tags in another way stay as they are.

    Args:
        network: Changed in place.
        trained: Where the weights are from.
        wide: The same network for the tags of ``widened``; its weights may be on "meta".
        shared: Numbers of the shared tags, in the network and in the trained one.

    Returns:
        Whether there are weights with an axis of tags: a pipeline has none.
    """
    here, there = torch.tensor(shared).T
    theirs, wider, by_tag = trained.state_dict(), wide.state_dict(), False
    for name, weight in network.state_dict().items():
        growth = [more - now for more, now in zip(wider[name].shape, weight.shape, strict=True)]
        if not any(growth):
            weight.copy_(theirs[name])
        elif MORE_TYPES + MORE_RELATIONS in growth:
            by_tag = True
            axis = growth.index(MORE_TYPES + MORE_RELATIONS)
            weight.index_copy_(axis, here, theirs[name].index_select(axis, there))
    return by_tag
