"""Views of the posts' pictures, one per description: training draws one per epoch, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from jmere.inputs.prepare import PreparedPost, Preparer
from jmere.records import Post, SceneGraph
from jmere.scenes.sources.search import SceneSources

Views = tuple[SceneGraph, ...]
"""What is known of a picture by each of its descriptions, the first one first."""


def further_views(sources: SceneSources, posts: Sequence[Post]) -> list[Views]:
    """Return the scene graphs of each post by its descriptions after the first."""
    others = [
        (index, replace(post, alt_text=text, alt_texts=()))
        for index, post in enumerate(posts)
        for text in post.descriptions[1:]
    ]
    views: list[list[SceneGraph]] = [[] for _ in posts]
    found = sources.scenes([post for _, post in others])
    for (index, _), scene in zip(others, found, strict=True):
        views[index].append(scene)
    return [tuple(each) for each in views]


def draw_view(views: Views, blind: float, draw: np.random.Generator) -> SceneGraph:
    """Draw one of the views, or a graph without anything in a share ``blind`` of the draws."""
    scene = views[int(draw.integers(len(views)))] if len(views) > 1 else views[0]
    return SceneGraph() if blind and draw.random() < blind else scene


class DrawnViews:
    """Posts to learn from, each shown one view of its picture, drawn anew in every epoch.

    What an epoch draws depends on the seed and its number only, so a resumed run sees the same.
    """

    def __init__(
        self, posts: Sequence[PreparedPost], prepare: Preparer, *, blind: float, seed: int
    ) -> None:
        """Store the posts.

        Args:
            posts: The posts with their views.
            prepare: Prepares what is shown.
            blind: Share of the posts that are shown no picture.
            seed: Seed of the draws.
        """
        self._posts, self._prepare = posts, prepare
        self._blind, self._seed = blind, seed

    def __call__(self, epoch: int) -> list[PreparedPost]:
        """Return the posts of an epoch."""
        draw = np.random.default_rng((self._seed, epoch))
        scenes = [draw_view((post.scene, *post.views), self._blind, draw) for post in self._posts]
        return self._prepare.with_scenes(self._posts, scenes)
