"""Entities and quintuples as JSON in their most usual form, read fast.

What is in any other form, faults above all, is left to ``jmere.data.annotations``.
"""

from __future__ import annotations

from jmere.records import Entity, Quintuple
from jmere.tags import TagSet

_ENTITY_KEYS = frozenset(("text", "start", "end", "type"))
_QUINTUPLE_KEYS = frozenset(("head", "tail", "relation", "score"))


def plain_entity(value: object, text: str | None, tags: TagSet | None) -> Entity | None:
    """Return an entity with ``text``, ``start``, ``end`` and ``type`` alone, if it is valid.

    Example:
        >>> plain_entity({"text": "Ann", "start": 0, "end": 3, "type": "per"}, "Ann wins", None)
        Entity(text='Ann', type='per', start=0, end=3)
    """
    if text is None or type(value) is not dict or value.keys() != _ENTITY_KEYS:
        return None
    own, start, end, kind = value["text"], value["start"], value["end"], value["type"]
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        return None
    if type(own) is not str or own != text[start:end] or own.isspace():
        return None
    if not _is_label(kind) or (tags is not None and kind not in tags.entity_types):
        return None
    return Entity(own, kind, start, end)


def plain_quintuple(value: object, text: str | None, tags: TagSet | None) -> Quintuple | None:
    """Return a quintuple with two plain ends, a relation and a score, if it is valid."""
    if type(value) is not dict or value.keys() != _QUINTUPLE_KEYS:
        return None
    relation, score = value["relation"], value["score"]
    if type(score) is not float or not 0 <= score <= 1 or not _is_label(relation):
        return None
    if tags is not None and relation not in tags.relations:
        return None
    head, tail = plain_entity(value["head"], text, tags), plain_entity(value["tail"], text, tags)
    if head is None or tail is None or (head.start, head.end) == (tail.start, tail.end):
        return None
    return Quintuple(head, tail, relation, score)


def _is_label(value: object) -> bool:
    return type(value) is str and value.isprintable() and not (value.isspace() or value == "")
