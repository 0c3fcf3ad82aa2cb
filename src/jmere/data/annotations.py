"""Entities and quintuples as JSON, with character offsets."""

from __future__ import annotations

from collections.abc import Sequence

from jmere.data.fields import (
    Faults,
    RecordError,
    integer_of,
    items_of,
    name_of,
    object_of,
    required,
    score_of,
    span_of,
    text_of,
)
from jmere.data.plain_annotations import plain_entity, plain_quintuple
from jmere.data.scene_json import box_of
from jmere.errors import nearest, short_repr
from jmere.records import Entity, Quintuple
from jmere.tags import TagSet

UNKNOWN_LABEL = -1
"""Start and end of an entity of which only the surface text is known."""


def entity_to_json(entity: Entity, *, text: bool = False) -> dict[str, object]:
    """Convert an entity to JSON; include its ``text`` on request or if offsets are unknown."""
    value: dict[str, object] = {"type": entity.type}
    if entity.start != UNKNOWN_LABEL:
        value = {"start": entity.start, "end": entity.end, **value}
    if entity.box is not None:
        value["box"] = list(entity.box)
    if entity.visible is not None:
        value["visible"] = entity.visible
    if entity.score is not None:
        value["score"] = entity.score
    return {"text": entity.text, **value} if text or entity.start == UNKNOWN_LABEL else value


def entity_from_json(
    value: object, text: str | None, *, tags: TagSet | None = None, surface: bool = False
) -> Entity:
    """Parse an entity with ``start``, ``end`` and ``type``; a ``box`` may stand in their place.

    Args:
        value: The object; its own ``text``, where there is one, must be what the offsets say.
        text: The text that the offsets are in, where it is known.
        tags: The known types; ``None`` takes any.
        surface: Whether ``text`` may stand in place of ``start`` and ``end``.

    Raises:
        RecordError: Listing every problem of the value.
    """
    faults, kind, own, span = Faults(), "", None, (UNKNOWN_LABEL, UNKNOWN_LABEL)
    box, visible, score = None, None, None
    fields = object_of(value, ("start", "end", "type", "text", "box", "visible", "score"), faults)
    with faults.within("type"):
        kind = _label(required(fields, "type"), tags.entity_types if tags else None, "entity type")
    if "text" in fields:
        with faults.within("text"):
            own = name_of(fields["text"])
    if not surface or own is None or "start" in fields or "end" in fields:
        try:
            span = _span(fields, None if text is None else len(text))
        except RecordError as error:
            faults += error.messages
    if fields.get("box") is not None:
        with faults.within("box"):
            box = box_of(fields["box"])
    if fields.get("visible") is not None:
        with faults.within("visible"):
            visible = score_of(fields["visible"])
    if fields.get("score") is not None:
        with faults.within("score"):
            score = score_of(fields["score"])
    faults.settle()

    found = own or ""
    if text is not None and span[0] != UNKNOWN_LABEL:
        found = text[span[0] : span[1]]
        if own is not None and own != found:
            raise RecordError(
                f"text is {short_repr(own)}, but characters {span[0]} to {span[1]} are "
                f"{short_repr(found)}"
            )
    return Entity(found, kind, *span, box, visible, score)


def quintuple_to_json(quintuple: Quintuple, *, text: bool = False) -> dict[str, object]:
    """Convert a quintuple to JSON, with its score if it has one."""
    value: dict[str, object] = {
        "head": entity_to_json(quintuple.head, text=text),
        "tail": entity_to_json(quintuple.tail, text=text),
        "relation": quintuple.relation,
    }
    for key in ("score", "source"):
        if (item := getattr(quintuple, key)) is not None:
            value[key] = item
    return value


def quintuple_from_json(
    value: object, text: str | None, *, tags: TagSet | None = None, surface: bool = False
) -> Quintuple:
    """Parse a quintuple with ``head``, ``tail`` and ``relation``; perhaps ``score``, ``source``.

    Raises:
        RecordError: Listing every problem of the value.
    """
    faults, ends, relation, score, source = Faults(), [], "", None, None
    fields = object_of(value, ("head", "tail", "relation", "score", "source"), faults)
    for key in ("head", "tail"):
        with faults.within(key):
            end = required(fields, key)
            ends.append(entity_from_json(end, text, tags=tags, surface=surface))
    with faults.within("relation"):
        relation = _label(
            required(fields, "relation"), tags.relations if tags else None, "relation"
        )
    if fields.get("score") is not None:
        with faults.within("score"):
            score = score_of(fields["score"])
    if fields.get("source") is not None:
        with faults.within("source"):
            source = _source(fields["source"])
    faults.settle()

    quintuple = Quintuple(ends[0], ends[1], relation, score, source)
    check_ends(quintuple)
    return quintuple


def check_ends(quintuple: Quintuple) -> None:
    """Raise if head and tail of a relation are the same span.

    Raises:
        RecordError: If head and tail are the same stretch of text.
    """
    head, tail = quintuple.head, quintuple.tail
    if head.start != UNKNOWN_LABEL and (head.start, head.end) == (tail.start, tail.end):
        raise RecordError(f"head and tail are the same characters, {head.start} to {head.end}")


def annotation_fields(
    fields: dict[str, object],
    faults: Faults,
    text: str | None,
    *,
    tags: TagSet | None = None,
    surface: bool = False,
) -> tuple[list[Quintuple], list[Entity]]:
    """Parse the valid ``quintuples`` and ``entities`` of a post."""
    quintuples, entities = [], []
    for index, item in enumerate(items_of(fields, "quintuples", faults)):
        if (plain := plain_quintuple(item, text, tags)) is not None:
            quintuples.append(plain)
            continue
        with faults.within(f"quintuples[{index}]"):
            quintuples.append(quintuple_from_json(item, text, tags=tags, surface=surface))
    for index, item in enumerate(items_of(fields, "entities", faults)):
        if (entity := plain_entity(item, text, tags)) is not None:
            entities.append(entity)
            continue
        with faults.within(f"entities[{index}]"):
            entities.append(entity_from_json(item, text, tags=tags, surface=surface))
    return quintuples, entities


def _span(fields: dict[str, object], length: int | None) -> tuple[int, int]:
    faults, bounds = Faults(), []
    for key in ("start", "end"):
        with faults.within(key):
            bounds.append(integer_of(required(fields, key)))
    faults.settle()
    return span_of(bounds[0], bounds[1], length, "character")


def _source(value: object) -> str | None:
    source = text_of(value)
    if source not in ("text", "picture"):
        raise RecordError(f"expected 'text' or 'picture', got {short_repr(source)}")
    return None if source == "text" else source


def _label(value: object, known: Sequence[str] | None, kind: str) -> str:
    name = text_of(value)
    if not name.strip():
        raise RecordError("expected a name, got blank text")
    if known is not None and name not in known:
        raise RecordError(f"unknown {kind} {short_repr(name)}; {nearest(name[:40], known)}")
    return name
