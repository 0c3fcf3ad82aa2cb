"""What objects and entities are called on a drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from jmere.records import SceneGraph

GroundedObject = tuple[str, int, float]
"""An entity's text, the place of an object it is aligned with, and the weight of that."""

_LONGEST = 32
"""Letters of a name after which it is cut."""


def object_names(scene: SceneGraph) -> tuple[str, ...]:
    """What each object is called: its label, numbered where several have the same."""
    counts = Counter(thing.label for thing in scene.objects)
    seen: Counter[str] = Counter()
    names = []
    for thing in scene.objects:
        seen[thing.label] += 1
        number = f" {seen[thing.label]}" if counts[thing.label] > 1 else ""
        names.append(short(thing.label) + number)
    return tuple(names)


def named_objects(grounding: Sequence[GroundedObject], objects: int) -> dict[int, list[str]]:
    """For each object the entities that have most weight with it, the surest first.

    Raises:
        ValueError: If an object is not there.
    """
    best: dict[str, int] = {}
    for text, place, _ in sorted(grounding, key=lambda each: -each[2]):
        if not 0 <= place < objects:
            raise ValueError(
                f"{text!r} is grounded in object {place}, but the scene graph has {objects} objects"
            )
        best.setdefault(text, place)
    found: dict[int, list[str]] = {}
    for text, place in best.items():
        found.setdefault(place, []).append(short(text))
    return found


def short(text: str) -> str:
    """A text, cut where it is long."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
