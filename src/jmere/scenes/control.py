"""Scene graphs as a model is shown them: the posts' own, none, or those of other posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from jmere.records import SceneGraph

Visual = Literal["real", "none", "shuffled"]
"""Which graphs a model is shown: the posts' own, none at all, or those of other posts."""

VISUALS: tuple[str, ...] = get_args(Visual)


def apply_visual_control(
    scenes: Sequence[SceneGraph], visual: Visual, *, seed: int
) -> list[SceneGraph]:
    """Return the graphs of posts as a model is shown them; ``seed`` is that of the shuffling."""
    if visual == "none":
        return [SceneGraph()] * len(scenes)
    if visual == "shuffled":
        return shuffled(scenes, np.random.default_rng(seed))
    return list(scenes)


def shuffled(scenes: Sequence[SceneGraph], generator: np.random.Generator) -> list[SceneGraph]:
    """Return the graphs of other posts: how much a model uses its pictures.

    Each graph with objects goes to another post that had one, along one random
    cycle, so none stays where it was (a single one has nowhere to go, and stays).
    Posts without objects stay without.
    """
    places = [index for index, scene in enumerate(scenes) if scene.objects]
    cycle = generator.permutation(places)
    result = list(scenes)
    for source, target in zip(cycle, np.roll(cycle, 1), strict=True):
        result[int(target)] = scenes[int(source)]
    return result
