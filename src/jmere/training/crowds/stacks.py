"""Stacked dev sets: the dev posts joined, several in a text, to select and tune on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

import numpy as np

from jmere.inputs.prepare import Prepared, Preparer
from jmere.records import Post, SceneGraph
from jmere.training.crowds.crowd_config import JoinConfig
from jmere.training.crowds.texts import Passage, join_texts

SEED = 5
"""Seed of the order in which dev posts are joined; that of a run does not change it."""


def stacked(texts: Sequence[Passage], count: int, separators: Sequence[str]) -> list[Post]:
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


def stacked_sets(
    prepare: Preparer, dev: Sequence[Prepared], config: JoinConfig
) -> list[list[Prepared]]:
    """Prepare the stacked dev set of each number of posts that the run file asks for.

    Posts that are read in several windows are left out.
    """
    texts = [Passage.of(*each.windows) for each in dev if len(each.windows) == 1]
    sets = [stacked(texts, count, config.separators) for count in config.dev]
    return [prepare(posts, [post.scene_graph or SceneGraph() for post in posts]) for posts in sets]
