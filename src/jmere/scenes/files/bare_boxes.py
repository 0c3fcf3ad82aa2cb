"""Detected boxes without labels, by image: lists of corners as shares of width and height."""

from __future__ import annotations

from jmere.data.fields import RecordError, list_of, number_of
from jmere.errors import short_repr
from jmere.records import SceneGraph, SceneObject

NO_LABEL = "object"
"""Label of a box of which no label is known."""

SIDE = 10_000
"""Width and height of the picture that boxes of shares are put in, whose size is not known."""


def scene_of_boxes(entry: list[object]) -> SceneGraph:
    """Return the graph of an image's boxes: unnamed objects, without relations.

    Args:
        entry: Boxes ``[x0, y0, x1, y1]``, each corner a share from 0 to 1.

    Raises:
        RecordError: If a box is anything else.

    Example:
        >>> scene_of_boxes([[0.25, 0, 0.5, 1]]).objects[0].box
        (2500.0, 0.0, 5000.0, 10000.0)
    """
    objects = tuple(SceneObject(NO_LABEL, _box(index, box)) for index, box in enumerate(entry))
    return SceneGraph(objects, size=(SIDE, SIDE))


def is_unnamed(scene: SceneGraph) -> bool:
    """Return whether a graph has boxes without labels alone."""
    return all(each.label == NO_LABEL for each in scene.objects) and not scene.relations


def _box(index: int, value: object) -> tuple[float, float, float, float]:
    try:
        corners = [number_of(corner) for corner in list_of(value)]
    except RecordError as error:
        raise RecordError(f"box {index}: {error}") from None
    if len(corners) == 4 and all(0 <= corner <= 1 for corner in corners):
        x0, y0, x1, y1 = (round(corner * SIDE, 2) for corner in corners)
        if x0 <= x1 and y0 <= y1:
            return x0, y0, x1, y1
    raise RecordError(
        f"box {index}: expected [x0, y0, x1, y1] as shares from 0 to 1, got {short_repr(value)}"
    )
