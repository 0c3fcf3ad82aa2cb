"""Two graphs of one picture become one: what was seen in it, and what was said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jmere.records import FloatArray, SceneGraph, SceneObject


def joined(seen: SceneGraph, described: SceneGraph) -> SceneGraph:
    """The objects and relations of both graphs; one called alike in both is one object.

    Those seen come first and keep their boxes, scores and appearance; an object that is
    only described has none, and a row of ``appearance`` that is not a number.
    """
    if not seen.objects:
        return replace(described, size=described.size or seen.size)
    free = list(range(len(seen.objects)))
    place: dict[int, int] = {}
    added: list[SceneObject] = []
    for number, thing in enumerate(described.objects):
        alike = next((row for row in free if seen.objects[row].label == thing.label), None)
        if alike is None:
            place[number] = len(seen.objects) + len(added)
            added.append(thing)
        else:
            place[number] = alike
            free.remove(alike)
    relations = (
        replace(relation, subject=place[relation.subject], object=place[relation.object])
        for relation in described.relations
    )
    return replace(
        seen,
        objects=(*seen.objects, *added),
        relations=tuple(dict.fromkeys([*seen.relations, *relations])),
        appearance=_widened(seen.appearance, len(added)),
    )


def _widened(appearance: FloatArray | None, rows: int) -> FloatArray | None:
    if appearance is None:
        return None
    absent = np.full((rows, appearance.shape[1]), np.nan, np.float32)
    return np.concatenate([appearance, absent])
