"""The surest objects of a scene graph, with the relations among them."""

from __future__ import annotations

import math
from dataclasses import replace

from jmere.records import SceneGraph, SceneObject


def top_objects(scene: SceneGraph, k: int) -> SceneGraph:
    """The ``k`` objects with the highest score, and the relations among them.

    Objects without a score come after those with one; equal scores are taken in
    the order given, so that a caption, which has no scores, keeps its first ``k``
    objects. Those kept stay in the order they had, each with its row of
    ``appearance``; relations follow them to their new places. A graph of ``k``
    objects or fewer is returned as it is.

    Raises:
        ValueError: If ``k`` is negative.
    """
    if k < 0:
        raise ValueError(f"the number of objects must not be negative, got {k}")
    if len(scene.objects) <= k:
        return scene

    surest = sorted(range(len(scene.objects)), key=lambda place: -_score(scene.objects[place]))
    kept = sorted(surest[:k])
    place = {old: new for new, old in enumerate(kept)}
    return replace(
        scene,
        objects=tuple(scene.objects[old] for old in kept),
        relations=tuple(
            replace(relation, subject=place[relation.subject], object=place[relation.object])
            for relation in scene.relations
            if relation.subject in place and relation.object in place
        ),
        appearance=None if scene.appearance is None else scene.appearance[kept],
    )


def _score(item: SceneObject) -> float:
    return -math.inf if item.score is None else item.score
