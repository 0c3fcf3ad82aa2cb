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
    sources = shown_posts(scenes, visual, seed=seed)
    return [SceneGraph() if source is None else scenes[source] for source in sources]


def shown_posts(scenes: Sequence[SceneGraph], visual: Visual, *, seed: int) -> list[int | None]:
    """Return for each post the index of the post whose picture it is shown, if any."""
    if visual == "none":
        return [None] * len(scenes)
    if visual == "shuffled":
        return [*_cycled(scenes, np.random.default_rng(seed))]
    return [*range(len(scenes))]


def shuffled(scenes: Sequence[SceneGraph], generator: np.random.Generator) -> list[SceneGraph]:
    """Return the graphs of other posts: how much a model uses its pictures.

    Each graph with objects or a caption goes to another post that had one, along one random
    cycle, so none stays where it was (a single one has nowhere to go, and stays).
    Posts without a picture stay without.
    """
    return [scenes[source] for source in _cycled(scenes, generator)]


def _cycled(scenes: Sequence[SceneGraph], generator: np.random.Generator) -> list[int]:
    """Return for each post the index of the post whose graph it gets."""
    places = [index for index, scene in enumerate(scenes) if not scene.is_blank]
    cycle = generator.permutation(places)
    sources = list(range(len(scenes)))
    for source, target in zip(cycle, np.roll(cycle, 1), strict=True):
        sources[int(target)] = int(source)
    return sources
