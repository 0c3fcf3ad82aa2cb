"""Predictions in their most usual form, read fast for graphs.

What is in any other form, faults above all, is left to ``jmere.data.predictions``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

import msgspec


class PlainEntity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An entity with its text, offsets and type; it has no box."""

    text: str
    start: int
    end: int
    type: str
    visible: float | None = None
    score: float | None = None
    box: None = None


class PlainQuintuple(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A quintuple between two such entities."""

    head: PlainEntity
    tail: PlainEntity
    relation: str
    score: float | None = None
    source: Literal["picture"] | None = None


class PlainPrediction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a graph takes from a prediction; also a ``PredictedPost``."""

    schema_version: Literal[1]
    id: str
    text: str
    quintuples: tuple[PlainQuintuple, ...] = ()
    entities: tuple[PlainEntity, ...] = ()
    names: tuple[PlainEntity, ...] = ()
    image: str | None = None
    time: str | None = None
    author: str | None = None
    url: str | None = None
    language: str | None = None
    model: str | None = None

    @property
    def kept(self) -> Mapping[str, object]:
        """Return that no columns were kept."""
        return {}


_DECODER = msgspec.json.Decoder(PlainPrediction)


def plain_prediction(line: str) -> PlainPrediction | None:
    """Return the prediction of a line, if it is plain and valid.

    Example:
        >>> plain_prediction('{"schema_version": 1, "id": "1", "text": "Bonn wins"}').text
        'Bonn wins'
        >>> plain_prediction('{"schema_version": 1, "id": "1", "text": "Bonn wins", "likes": 3}')
    """
    try:
        found = _DECODER.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    text = found.text
    if not text.isprintable() and "\0" in text:
        return None
    for name in (
        found.id, found.image, found.time, found.author, found.url, found.language, found.model
    ):  # fmt: skip
        if name is not None and not _is_label(name):
            return None
    entities = found.entities
    for entity in (*entities, *found.names):
        if not _is_plain(entity, text):
            return None
    for quintuple in found.quintuples:
        head, tail, score = quintuple.head, quintuple.tail, quintuple.score
        if (
            not (head in entities or _is_plain(head, text))
            or not (tail in entities or _is_plain(tail, text))
            or not _is_known(quintuple.relation)
            or (score is not None and not 0 <= score <= 1)
            or (head.start == tail.start and head.end == tail.end)
        ):
            return None
    return found


def _is_plain(entity: PlainEntity, text: str) -> bool:
    own, start, visible, score = entity.text, entity.start, entity.visible, entity.score
    return (
        0 <= start < entity.end <= len(text)
        and own == text[start : entity.end]
        and not own.isspace()
        and _is_known(entity.type)
        and (visible is None or 0 <= visible <= 1)
        and (score is None or 0 <= score <= 1)
    )


def _is_label(name: str) -> bool:
    return name.isprintable() and not name.isspace() and name != ""


_is_known = lru_cache(maxsize=1 << 10)(_is_label)
"""Of types and relations, of which there are few."""
