"""Predictions for gold posts, with their pictures, without, or with shuffled pictures."""

from __future__ import annotations

from collections.abc import Sequence

from jmere.extract import Extractor
from jmere.records import Extraction, Post, SceneGraph
from jmere.scenes.sources import Visual, apply_visual_control


def extract_gold(
    extractor: Extractor,
    posts: Sequence[Post],
    *,
    visual: Visual = "real",
    seed: int = 0,
    batch_size: int = 64,
) -> list[Extraction]:
    """Predict gold posts, whose annotation the model does not see.

    Args:
        extractor: The model.
        posts: Gold posts.
        visual: ``real`` visual graphs; ``none``; or ``shuffled`` among the posts that have
            one, which tests whether the model uses them.
        seed: Seed of the shuffling.
        batch_size: Posts computed together.
    """
    if visual == "real":
        return list(extractor.stream(posts, batch_size=batch_size))
    own = [] if visual == "none" else extractor.tagger.prepare.scenes.scenes(posts)
    scenes = apply_visual_control(own or [SceneGraph()] * len(posts), visual, seed=seed)
    return extractor.extract_with(posts, scenes, batch_size=batch_size)
