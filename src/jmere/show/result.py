"""A result as a notebook shows it: the text with its entities, the quintuples, the picture."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from jmere.errors import MissingExtraError
from jmere.records import Entity, Extraction
from jmere.show.colours import type_colours
from jmere.show.overlay import draw_scene
from jmere.show.page import STYLE, of_post
from jmere.terminal import plain
from jmere.vision.images import ImageError, read_picture

WIDEST = 640
"""Pixels of a shown picture's longer side."""

MOST_SHOWN = 200
"""Quintuples in the table; the rest are counted."""


def result_html(found: Extraction) -> str:
    """Write a result as HTML without scripts, every text of it escaped.

    Entities are marked in the text, quintuples listed with their scores. Where the picture can
    be read and some object has a box, it is drawn with its boxes.

    Example:
        >>> from jmere import Entity, Extraction
        >>> found = Extraction("1", "Emma Stone <3", (), (Entity("Emma Stone", "per", 0, 10),))
        >>> "Emma Stone<sub> per</sub></mark> &lt;3" in result_html(found)
        True
    """
    colours = type_colours(entity.type for entity in found.entities)
    parts = [
        f"<style>{STYLE}</style><p><strong>Quintuples{escape(of_post(found.id))}</strong></p>",
        f'<p style="white-space:pre-wrap">{"".join(_marked(found, colours))}</p>',
        _table(found),
        *_picture(found),
        *(f'<p class="note">{_text(warning)}</p>' for warning in found.warnings),
    ]
    return "\n".join(parts)


def _marked(found: Extraction, colours: Mapping[str, str]) -> Iterator[str]:
    """The text in pieces, entities marked; of two that overlap, the first."""
    done = 0
    for entity in sorted(found.entities, key=lambda each: (each.start, -each.end)):
        if not done <= entity.start < entity.end <= len(found.text):
            continue
        yield _text(found.text[done : entity.start])
        yield (
            f'<mark style="background:{colours[entity.type]}">'
            f"{_text(found.text[entity.start : entity.end])}<sub> {_text(entity.type)}</sub></mark>"
        )
        done = entity.end
    yield _text(found.text[done:])


def _table(found: Extraction) -> str:
    if not found.quintuples:
        return '<p class="note">no quintuple</p>'
    header = "".join(
        f"<th>{name}</th>" for name in ("head", "type", "relation", "tail", "type", "score")
    )
    rows = []
    for each in found.quintuples[:MOST_SHOWN]:
        score = "" if each.score is None else f"{each.score:.2f}"
        head, tail = (_name(end, found.text) for end in (each.head, each.tail))
        cells = (head, each.head.type, each.relation, tail, each.tail.type, score)
        rows.append("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in cells) + "</tr>")
    rest = len(found.quintuples) - MOST_SHOWN
    more = f'<p class="note">and {rest} more</p>' if rest > 0 else ""
    return f"<table><tr>{header}</tr>{''.join(rows)}</table>{more}"


def _name(entity: Entity, text: str) -> str:
    return entity.text or text[max(entity.start, 0) : max(entity.end, 0)]


def _picture(found: Extraction) -> Sequence[str]:
    """The picture with its boxes, where it is here and can be read."""
    if found.image is None or all(each.box is None for each in found.scene_graph.objects):
        return ()
    grounding = [(each.entity.text, each.object, each.probability) for each in found.groundings]
    try:
        pixels = read_picture(found.image).pixels
        drawn = draw_scene(pixels, found.scene_graph, grounding=grounding)
    except (ImageError, MissingExtraError, ValueError):
        return ()
    return (f'<p><img alt="objects of the picture" src="data:image/png;base64,{_png(drawn)}"></p>',)


def _png(drawn: Any) -> str:
    drawn.thumbnail((WIDEST, WIDEST))
    stream = io.BytesIO()
    drawn.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _text(value: str) -> str:
    return escape(plain(value))
