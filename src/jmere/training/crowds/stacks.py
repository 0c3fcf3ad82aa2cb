"""Stacked dev sets: the dev posts joined, several in a text, to select and tune on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

import numpy as np

from jmere.records import Post
from jmere.training.crowds.texts import Text, join_texts

SEED = 5
"""Seed of the order in which dev posts are joined; that of a run does not change it."""


def stacked(texts: Sequence[Text], count: int, separators: Sequence[str]) -> list[Post]:
    """Join texts, ``count`` in a post, by each separator in turn; a rest of fewer is left out."""
    order = np.random.default_rng(SEED).permutation(len(texts)).tolist()
    starts = range(0, len(order) // count * count, count)
    joining = islice(cycle(separators), len(starts))
    return [
        join_texts(
            [texts[index] for index in order[start : start + count]], [separator] * (count - 1)
        ).post(f"stacked-{count}-{start}")
        for start, separator in zip(starts, joining, strict=True)
    ]
