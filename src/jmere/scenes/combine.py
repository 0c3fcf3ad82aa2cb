"""Selection of top-scoring objects, and union of two scene graphs."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np

from jmere.records import Box, FloatArray, SceneGraph, SceneObject

DEFAULT_OBJECTS = 10
"""Maximum number of objects of a post (k), unless a run or a call says another."""


def top_objects(scene: SceneGraph, k: int) -> SceneGraph:
    """Return the ``k`` objects with the highest score, and the relations among them.

    Objects without a score, such as those of a caption, come last: first those in most relations,
    then those that come first. The remaining objects keep their order and their rows of
    ``appearance``; relation indices are remapped. A graph of ``k`` objects or fewer is returned
    unchanged.

    Raises:
        ValueError: If ``k`` is negative.

    Example:
        >>> from jmere.records import SceneObject
        >>> scene = SceneGraph((SceneObject("man", score=0.4), SceneObject("car", score=0.9)))
        >>> [each.label for each in top_objects(scene, 1).objects]
        ['car']
    """
    if k < 0:
        raise ValueError(f"the number of objects must not be negative, got {k}")
    if len(scene.objects) <= k:
        return scene

    ends = Counter(end for each in scene.relations for end in (each.subject, each.object))

    def rank(index: int) -> tuple[float, int]:
        score = scene.objects[index].score
        return (math.inf, -ends[index]) if score is None else (-score, 0)

    ranked = sorted(range(len(scene.objects)), key=rank)
    kept = sorted(ranked[:k])
    index = {old: new for new, old in enumerate(kept)}
    return replace(
        scene,
        objects=tuple(scene.objects[old] for old in kept),
        relations=tuple(
            replace(relation, subject=index[relation.subject], object=index[relation.object])
            for relation in scene.relations
            if relation.subject in index and relation.object in index
        ),
        appearance=None if scene.appearance is None else scene.appearance[kept],
    )


def join_graphs(seen: SceneGraph, described: SceneGraph) -> SceneGraph:
    """Return the union of two graphs; a label that occurs in both is one object.

    Labels are compared without regard to case. Two objects that have boxes are one if the boxes
    overlap, too. Detected objects come first and keep their boxes, scores and appearance; an
    object from the description alone has no box and an ``appearance`` row of NaN. Different
    captions stand one after the other, that of the description first.
    """
    captions = dict.fromkeys(each for each in (described.caption, seen.caption) if each)
    caption = " ".join(captions) or None
    if not seen.objects:
        return replace(described, size=described.size or seen.size, caption=caption)
    free = list(range(len(seen.objects)))
    index: dict[int, int] = {}
    added: list[SceneObject] = []
    for number, thing in enumerate(described.objects):
        alike = next((row for row in free if _alike(seen.objects[row], thing)), None)
        if alike is None:
            index[number] = len(seen.objects) + len(added)
            added.append(thing)
        else:
            index[number] = alike
            free.remove(alike)
    relations = (
        replace(relation, subject=index[relation.subject], object=index[relation.object])
        for relation in described.relations
    )
    return replace(
        seen,
        size=seen.size or described.size,
        objects=(*seen.objects, *added),
        relations=tuple(dict.fromkeys([*seen.relations, *relations])),
        appearance=_widened(seen.appearance, len(added)),
        caption=caption,
    )


def _alike(one: SceneObject, other: SceneObject) -> bool:
    if one.label.casefold() != other.label.casefold():
        return False
    return one.box is None or other.box is None or _overlap(one.box, other.box)


def _overlap(one: Box, other: Box) -> bool:
    """Return whether two boxes share half of the smaller one."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return wide > 0 and high > 0 and 2 * wide * high >= smaller


def _widened(appearance: FloatArray | None, rows: int) -> FloatArray | None:
    if appearance is None:
        return None
    absent = np.full((rows, appearance.shape[1]), np.nan, np.float32)
    return np.concatenate([appearance, absent])
