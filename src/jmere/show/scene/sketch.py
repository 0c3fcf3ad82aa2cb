"""Layout of a drawn scene graph, in pixels of the drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jmere.records import SceneGraph, SceneRelation
from jmere.show.scene.fonts import Lettering
from jmere.show.scene.free_space import CanvasSize, FreeSpace, Point, Rect, rectangle_area
from jmere.show.scene.labels import GroundedObject, named_objects, object_names, short

_MIN_SIDE = 600
"""Side in pixels of a square with the minimum area; smaller images are enlarged."""

MAX_STRETCHED = 1600
"""Maximum length of the longer side of an enlarged image, in pixels."""

MIN_FRAME = (320, 120)
"""Minimum width and height of the drawing."""

MAX_ARROWS = 12
"""Maximum number of drawn relations; the rest is listed."""

_LINES = 1.5  # height of a tag, in letters
_ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)
_ASIDE = (0.0, 0.8, -0.8)
_SMALL = 40  # letters' squares: an object of less is not covered if that can be helped


@dataclass(frozen=True)
class Tag:
    """Text of an object's box, and its position."""

    object: int
    text: str
    rect: Rect


@dataclass(frozen=True)
class Arrow:
    """Arrow of a relation between two box centres, and the plate with its predicate."""

    relation: SceneRelation
    start: Point
    end: Point
    text: str
    rect: Rect


@dataclass(frozen=True)
class Sketch:
    """Computed layout of a drawing."""

    picture: tuple[int, int]
    """Drawn width and height of the image."""
    frame: tuple[int, int]
    """Width and height of image and tags; the image is in the upper left corner."""
    letters: Lettering
    names: tuple[str, ...]
    """Object labels; numbered if several are equal."""
    boxes: dict[int, Rect]
    """Box by object index, for objects that have one."""
    tags: tuple[Tag, ...]
    arrows: tuple[Arrow, ...]

    @property
    def line(self) -> int:
        """Return the width of an outline."""
        return max(2, round(self.letters.size / 6))


def sketch(
    scene: SceneGraph, size: tuple[int, int], *, grounding: Sequence[GroundedObject] = ()
) -> Sketch:
    """Compute the layout of a drawing.

    Args:
        scene: Its boxes count in pixels of ``scene.size``, or else of the picture.
        size: Width and height of the picture.
        grounding: Entities; each is named, with its weight, on the one object that it has most
            weight with. The object's own score is then left out.

    Raises:
        ValueError: If ``grounding`` names an object that is not there.
    """
    scale = _scale(size)
    width, height = (max(1, round(side * scale)) for side in size)
    frame = (max(width, MIN_FRAME[0]), max(height, MIN_FRAME[1]))
    letters = Lettering(max(13, round(0.021 * math.sqrt(width * height))))
    boxes = _boxes(scene, (width, height), size, letters.size / 2)
    names = object_names(scene)
    small = [box for box in boxes.values() if rectangle_area(box) < _SMALL * letters.size**2]
    room = FreeSpace(*frame, taken=small)
    entities = named_objects(grounding, len(scene.objects))
    tags = _tags(scene, boxes, names, entities, letters, room)
    arrows = _arrows(scene, boxes, letters, room)
    return Sketch((width, height), frame, letters, names, boxes, tags, arrows)


def _scale(size: tuple[int, int]) -> float:
    wanted = _MIN_SIDE / math.sqrt(size[0] * size[1])
    return max(1.0, min(wanted, MAX_STRETCHED / max(size)))


def _boxes(
    scene: SceneGraph, drawn: tuple[int, int], size: tuple[int, int], least: float
) -> dict[int, Rect]:
    """Return the drawn boxes, clipped to the image and with a minimum size."""
    given = scene.size or size
    boxes = {}
    for place, thing in enumerate(scene.objects):
        if thing.box is None or not all(map(math.isfinite, thing.box)):
            continue
        sides = []
        for axis in (0, 1):
            scale, most = drawn[axis] / given[axis], drawn[axis] - 1.0
            low, high = sorted(thing.box[end] * scale for end in (axis, axis + 2))
            middle = min(max((low + high) / 2, 0.0), most)
            low, high = min(low, middle - least / 2), max(high, middle + least / 2)
            sides.append((max(low, 0.0), min(high, most)))
        (x0, x1), (y0, y1) = sides
        boxes[place] = (x0, y0, x1, y1)
    return boxes


def _tags(
    scene: SceneGraph,
    boxes: dict[int, Rect],
    names: Sequence[str],
    entities: dict[int, list[str]],
    letters: Lettering,
    room: FreeSpace,
) -> tuple[Tag, ...]:
    tags = []
    for place in sorted(boxes, key=lambda place: -(scene.objects[place].score or 0.0)):
        score = scene.objects[place].score
        if place in entities:
            text = f"{', '.join(entities[place])} ~ {names[place]}"
        else:
            text = names[place] + ("" if score is None else f" {score:.2f}")
        text, (width, height) = _plate(text, letters, room)
        x0, y0, x1, y1 = boxes[place]
        lefts, tops = (x0, x1 - width), (y0 - height, y0, y1, y1 - height)
        rect = room.take_any((width, height), [(left, top) for top in tops for left in lefts])
        tags.append(Tag(place, text, rect))
    return tuple(tags)


def _plate(text: str, letters: Lettering, room: FreeSpace) -> tuple[str, tuple[float, float]]:
    """Shorten a text to the available width; return it with its plate's size."""
    padding = 0.7 * letters.size
    text = letters.fit(text, room.width - padding)
    return text, (min(letters.width(text) + padding, room.width), _LINES * letters.size)


def _arrows(
    scene: SceneGraph, boxes: dict[int, Rect], letters: Lettering, room: FreeSpace
) -> tuple[Arrow, ...]:
    """Return the highest-scoring relations whose predicates fit."""
    arrows: list[Arrow] = []
    pairs = {(each.subject, each.object) for each in scene.relations}
    for each in sorted(scene.relations, key=lambda each: -(each.score or 0.0)):
        if not {each.subject, each.object} <= boxes.keys() or len(arrows) == MAX_ARROWS:
            continue
        both = (each.object, each.subject) in pairs
        start, end = _ends(boxes[each.subject], boxes[each.object], letters.size, both)
        text, (width, height) = _plate(short(each.predicate), letters, room)
        rect = room.take((width, height), _along(start, end, (width, height)))
        if rect is not None:
            arrows.append(Arrow(each, start, end, text, rect))
    return tuple(arrows)


def _along(start: Point, end: Point, size: CanvasSize) -> list[Point]:
    """Yield upper left corners of plates along an arrow, or beside a short one."""
    (width, height), across, down = size, end[0] - start[0], end[1] - start[1]
    length = math.hypot(across, down)
    x, y = across / length, down / length
    short = length < abs(x) * width + abs(y) * height + height
    reach = abs(y) * width + abs(x) * height
    return [
        (
            start[0] + along * across - aside * reach * y - width / 2,
            start[1] + along * down + aside * reach * x - height / 2,
        )
        for aside in (_ASIDE[1:] if short else _ASIDE)
        for along in _ALONG
    ]


def _ends(subject: Rect, thing: Rect, unit: float, both: bool) -> tuple[Point, Point]:
    """Return the ends of an arrow; short ones are extended, double ones separated."""
    (x0, y0), (x1, y1) = (((r[0] + r[2]) / 2, (r[1] + r[3]) / 2) for r in (subject, thing))
    length = math.hypot(x1 - x0, y1 - y0)
    if length < 2 * unit:  # nested boxes, or one
        middle, high = (x0 + x1) / 2, (y0 + y1) / 2
        return (middle - 2 * unit, high), (middle + 2 * unit, high)
    aside = 0.5 * unit / length if both else 0.0
    dx, dy = -(y1 - y0) * aside, (x1 - x0) * aside
    return (x0 + dx, y0 + dy), (x1 + dx, y1 + dy)
