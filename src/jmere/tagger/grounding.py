"""Entities found in the picture: an alignment of words read as one of entities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from jmere.records import Alignment, Entity, FloatArray, Grounding, Mention
from jmere.text.words import Words

DIGITS = 4
"""Of shares after the point: no more than they are worth, so that results read back are equal."""

Shown = Sequence[float] | None
"""Probability of each of some mentions that the picture shows it, or that nothing is known."""

LIKELY = 0.5
"""Probability of being visible from which on an entity is grounded."""

_HAIR = 1e-6
"""An even share counts as more than itself where there is one object alone."""


def ground(
    words: Words, mentions: Sequence[Mention], alignment: Alignment, visible: Shown = None
) -> tuple[Grounding, ...]:
    """The objects that each mention's words are aligned with, if it is likely to be seen.

    Plan and attention (``Alignment``) are summed over the words of a mention and each
    brought to a sum of 1. An object counts where the mean of both is more than the even
    share, one over the number of objects.

    Args:
        words: The words of the text.
        mentions: Entities, in words.
        alignment: How the words match the objects of the picture.
        visible: The probability that each mention is visible, where it is known.
    """
    if not alignment.objects:
        return ()
    found = zip(mentions, entities_of(words, mentions, visible), strict=True)
    return tuple(
        grounding
        for mention, entity in found
        if entity.visible is None or entity.visible >= LIKELY
        for grounding in _objects(entity, mention, alignment)
    )


def entities_of(
    words: Words, mentions: Sequence[Mention], visible: Shown = None
) -> tuple[Entity, ...]:
    """The mentions in characters, with the probability that they are visible if it is known."""
    entities = tuple(words.entity(mention) for mention in mentions)
    if visible is None:
        return entities
    return tuple(
        replace(entity, visible=round(share, DIGITS))
        for entity, share in zip(entities, visible, strict=True)
    )


def _objects(entity: Entity, mention: Mention, alignment: Alignment) -> Iterator[Grounding]:
    plan, attention = (
        _shares(each[mention.start : mention.end]) for each in (alignment.plan, alignment.attention)
    )
    weight = (plan + attention) / 2
    for place in np.argsort(-weight, kind="stable").tolist():
        if weight[place] > 1 / len(weight) - _HAIR:
            shares = (round(float(each[place]), DIGITS) for each in (plan, attention))
            yield Grounding(entity, place, *shares)


def _shares(rows: FloatArray) -> FloatArray:
    """The rows summed, and divided by their sum; nothing where there is none."""
    total: FloatArray = rows.sum(axis=0)
    return total / max(float(total.sum()), 1e-12)
