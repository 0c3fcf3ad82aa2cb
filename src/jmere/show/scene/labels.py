"""Labels of objects and entities on a drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from jmere.records import SceneGraph

GroundedObject = tuple[str, int, float]
"""Entity text, index of the aligned object, and alignment weight."""

_MAX_LENGTH = 32
"""Maximum length of a name, in characters."""


def object_names(scene: SceneGraph) -> tuple[str, ...]:
    """Return the label of each object, numbered if several are equal."""
    counts = Counter(thing.label for thing in scene.objects)
    seen: Counter[str] = Counter()
    names = []
    for thing in scene.objects:
        seen[thing.label] += 1
        number = f" {seen[thing.label]}" if counts[thing.label] > 1 else ""
        names.append(short(thing.label) + number)
    return tuple(names)


def named_objects(grounding: Sequence[GroundedObject], objects: int) -> dict[int, list[str]]:
    """Return for each object the entities that have their maximum weight there, with that weight.

    Raises:
        ValueError: If an object is not there.
    """
    best: dict[str, tuple[int, float]] = {}
    for text, index, weight in sorted(grounding, key=lambda each: -each[2]):
        if not 0 <= index < objects:
            raise ValueError(
                f"{text!r} is grounded in object {index}, but the scene graph has {objects} objects"
            )
        best.setdefault(text, (index, weight))
    found: dict[int, list[str]] = {}
    for text, (index, weight) in best.items():
        found.setdefault(index, []).append(f"{short(text)} {weight:.2f}")
    return found


def short(text: str) -> str:
    """Shorten a text."""
    return text if len(text) <= _MAX_LENGTH else f"{text[: _MAX_LENGTH - 1].rstrip()}…"
