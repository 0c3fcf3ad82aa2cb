"""Scene graphs drawn on their images: labelled boxes, arrows, and a legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jmere.errors import require
from jmere.files.outputs import checked_suffix
from jmere.files.whole import written_whole
from jmere.records import Pixels, SceneGraph
from jmere.show.scene.free_space import Point, Rect, rectangle_area
from jmere.show.scene.labels import GroundedObject
from jmere.show.scene.legend import LegendLine, legend
from jmere.show.scene.sketch import Sketch, sketch

_SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}

COLOURS = (
    ("#E69F00", "black"), ("#56B4E9", "black"), ("#009E73", "black"), ("#F0E442", "black"),
    ("#0072B2", "white"), ("#D55E00", "black"), ("#CC79A7", "black"), ("#D9D9D9", "black"),
)  # fmt: skip
"""Object and text colours: the colour-blind safe palette of Okabe and Ito."""

_INK, _PAPER, _HALO = "#202020", "white", "black"


def write_overlay(
    path: str | Path,
    pixels: Pixels,
    scene: SceneGraph,
    *,
    grounding: Sequence[GroundedObject] | None = None,
) -> None:
    """Draw a scene graph to a PNG or JPEG file, atomically.

    Raises:
        ValueError: If the path ends in another format, or ``grounding`` does not fit.
        MissingExtraError: If Pillow is not installed.
    """
    form = _SUFFIXES[check_overlay(path)]
    drawn = draw_scene(pixels, scene, grounding=grounding)
    with written_whole(path, binary=True) as stream:
        drawn.save(stream, form, **({"quality": 92} if form == "JPEG" else {}))


def check_overlay(path: str | Path) -> str:
    """Return the suffix of a drawing; raise early whatever ``write_overlay`` would raise."""
    suffix = checked_suffix(path, _SUFFIXES)
    _pillow("Image")
    return suffix


def draw_scene(
    pixels: Pixels, scene: SceneGraph, *, grounding: Sequence[GroundedObject] | None = None
) -> Any:
    """Draw a scene graph on its image.

    Lines and text scale with the image, and small images are enlarged until text is readable. If
    a relation or an object does not fit on the image, all relations and the objects without a
    box are listed below it.

    Args:
        pixels: The image.
        scene: Boxes count in pixels of its ``size``, or else of the picture.
        grounding: Entities of the post: the text, the place of an object in the scene graph
            and the weight that aligns them. Each is named once, at its best object's box.

    Returns:
        A ``PIL.Image.Image`` in red, green and blue.

    Raises:
        ValueError: If ``grounding`` names an object that is not there.
        MissingExtraError: If Pillow is not installed.
    """
    images = _pillow("Image")
    height, width = pixels.shape[:2]
    plan = sketch(scene, (width, height), grounding=grounding or ())
    picture = images.fromarray(pixels)
    if plan.picture != picture.size:
        picture = picture.resize(plan.picture, images.Resampling.LANCZOS)
    listed = legend(scene, plan)
    paper = images.new("RGB", (plan.frame[0], plan.frame[1] + listed.height), _PAPER)
    paper.paste(picture, (0, 0))
    brush = _pillow("ImageDraw").Draw(paper)

    for place in sorted(plan.boxes, key=lambda place: -rectangle_area(plan.boxes[place])):
        _outline(brush, plan.boxes[place], _colour(place), plan.line)
    for arrow in plan.arrows:
        ends = (_colour(arrow.relation.subject), _colour(arrow.relation.object))
        _arrow(brush, arrow.start, arrow.end, ends, plan)
    for arrow in plan.arrows:
        _plate(brush, arrow.rect, arrow.text, (_PAPER, _INK), plan)
    for tag in plan.tags:
        _plate(brush, tag.rect, tag.text, COLOURS[tag.object % len(COLOURS)], plan)
    for line in listed.lines:
        _line(brush, line, plan)
    return paper


def _pillow(module: str) -> Any:
    return require(f"PIL.{module}", "vision", "drawing on pictures")


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)][0]


def _outline(brush: Any, rect: Rect, colour: str, line: int) -> None:
    """Draw a box with a dark outer line, visible on any background."""
    brush.rectangle(rect, outline=_HALO, width=line + max(1, line // 2))
    edge = max(1, line // 4)
    x0, y0, x1, y1 = rect
    if min(x1 - x0, y1 - y0) > 2 * edge:
        brush.rectangle((x0 + edge, y0 + edge, x1 - edge, y1 - edge), outline=colour, width=line)


def _arrow(brush: Any, start: Point, end: Point, ends: tuple[str, str], plan: Sketch) -> None:
    """Draw an arrow with a dot in the subject's colour and a head in the object's."""
    line = plan.line
    across, down = end[0] - start[0], end[1] - start[1]
    length = math.hypot(across, down)
    x, y = across / length, down / length
    head = min(0.8 * plan.letters.size, length / 2)
    base = (end[0] - x * head, end[1] - y * head)
    brush.line([start, base], fill=_HALO, width=line + 2 * max(1, line // 3))
    brush.line([start, base], fill=_PAPER, width=line)
    wings = [(base[0] + side * y * head / 2, base[1] - side * x * head / 2) for side in (1, -1)]
    edge = max(1, line // 3)
    brush.polygon([end, *wings], fill=ends[1], outline=_HALO, width=edge)
    reach = 0.25 * plan.letters.size
    around = (start[0] - reach, start[1] - reach, start[0] + reach, start[1] + reach)
    brush.ellipse(around, fill=ends[0], outline=_HALO, width=edge)


def _plate(brush: Any, rect: Rect, text: str, colours: tuple[str, str], plan: Sketch) -> None:
    x0, y0, x1, y1 = rect
    inside = (x0, y0, max(x0, x1 - 1), max(y0, y1 - 1))
    brush.rounded_rectangle(inside, radius=plan.letters.size / 4, fill=colours[0], outline=_HALO)
    _write(brush, ((x0 + x1) / 2, (y0 + y1) / 2), text, colours[1], plan, anchor="mm")


def _write(brush: Any, at: Point, text: str, ink: str, plan: Sketch, *, anchor: str) -> None:
    font, shown = plan.letters.set(text)
    brush.text(at, shown, fill=ink, font=font, anchor=anchor)


def _line(brush: Any, line: LegendLine, plan: Sketch) -> None:
    for place, square in line.squares:
        brush.rectangle(square, fill=_colour(place), outline=_HALO)
    _write(brush, line.at, line.text, _INK, plan, anchor="lm")
