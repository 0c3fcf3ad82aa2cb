"""Entities found in the picture: an alignment of words read as one of entities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from jmere.records import Alignment, FloatArray, Grounding, Mention
from jmere.text.words import Words

DIGITS = 4
"""Of shares after the point: no more than they are worth, so that results read back are equal."""

_HAIR = 1e-6
"""An even share counts as more than itself where there is one object alone."""


def ground(
    words: Words, mentions: Sequence[Mention], alignment: Alignment
) -> tuple[Grounding, ...]:
    """The objects that each mention's words are aligned with.

    Plan and attention (``Alignment``) are summed over the words of a mention and each
    brought to a sum of 1. An object counts where the mean of both is more than the even
    share, one over the number of objects.

    Args:
        words: The words of the text.
        mentions: Entities, in words.
        alignment: How the words match the objects of the picture.
    """
    if not alignment.objects:
        return ()
    return tuple(
        grounding for mention in mentions for grounding in _objects(words, mention, alignment)
    )


def _objects(words: Words, mention: Mention, alignment: Alignment) -> Iterator[Grounding]:
    entity = words.entity(mention)
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
