"""What annotation tools have in common: numbered spans of a text, and relations between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jmere.data.annotations import UNKNOWN_LABEL
from jmere.data.fields import RecordError
from jmere.data.jsonl import KEYS, post_from_json, post_to_json
from jmere.data.origin import origin_of
from jmere.errors import short_repr
from jmere.records import Entity, Extraction, Post, Quintuple

OTHER_FIELDS = tuple(
    key for key in KEYS if key not in ("schema_version", "id", "text", "quintuples", "entities")
)
"""Fields of a post that no annotation tool knows; they travel as its metadata."""

WITHOUT_OFFSETS = "entities and relations outside the text, or without offsets, were left out"
"""Tally key of the writers."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The distinct entities of a text, and its relations as pairs of their indices.

    Entities of quintuples come first, in the order of the quintuples, so that a post that is
    written and read again has everything in the same order.

    Example:
        >>> ann, bonn = Entity("Ann", "per", 0, 3), Entity("Bonn", "loc", 13, 17)
        >>> Marks.of([Quintuple(ann, bonn, "residence")], [ann]).relations
        (Relation(head=0, tail=1, name='residence', score=None),)
    """

    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]

    @classmethod
    def of(
        cls,
        quintuples: Iterable[Quintuple],
        entities: Iterable[Entity],
        *,
        tally: Counter[str] | None = None,
    ) -> Marks:
        """Number the entities; those whose offsets are not known are left out and counted."""
        tally = Counter() if tally is None else tally
        numbers: dict[Entity, int] = {}
        relations = []
        for quintuple in quintuples:
            ends = (quintuple.head, quintuple.tail)
            if any(end.start == UNKNOWN_LABEL for end in ends):
                tally[WITHOUT_OFFSETS] += 1
                continue
            head, tail = (numbers.setdefault(end, len(numbers)) for end in ends)
            relations.append(Relation(head, tail, quintuple.relation, quintuple.score))
        for entity in entities:
            if entity.start == UNKNOWN_LABEL:
                tally[WITHOUT_OFFSETS] += 1
            else:
                numbers.setdefault(entity, len(numbers))
        return cls(tuple(numbers), tuple(relations))


@dataclass(frozen=True, slots=True)
class Relation:
    """The relation ``name`` from entity ``head`` to entity ``tail``, by index."""

    head: int
    tail: int
    name: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A typed span that a tool gives, by its id there; offsets in characters, not yet checked."""

    name: str | int
    start: int
    end: int
    type: object


def marks_of(post: Post | Extraction, tally: Counter[str] | None = None) -> Marks:
    """Return the marks of a post or of a result."""
    return Marks.of(post.quintuples, post.entities, tally=tally)


def other_fields(post: Post | Extraction) -> dict[str, object]:
    """Return the fields of a post that annotation tools keep as metadata."""
    known: dict[str, object] = {}
    if isinstance(post, Extraction):
        known.update(origin_of(post), image=post.image)
    else:
        known = post_to_json(post)
    return {key: known[key] for key in OTHER_FIELDS if known.get(key) is not None}


def marked_post(
    name: object,
    text: object,
    spans: Iterable[Span],
    relations: Iterable[tuple[object, object, object]],
    others: Mapping[str, object],
) -> Post:
    """Build a post from what a tool gives, every field checked.

    Args:
        name: Its id.
        text: Its text.
        spans: The typed spans; those in no relation become the post's ``entities``.
        relations: Names of the spans of head and tail, and the relation.
        others: The metadata of the post, as ``other_fields`` gave them; the rest is ignored.

    Raises:
        RecordError: Listing every problem.
    """
    known: dict[object, Span] = {}
    for span in spans:
        if span.name in known:
            raise RecordError(f"two entities have the id {short_repr(span.name)}")
        known[span.name] = span
    quintuples: list[dict[str, object]] = []
    related: set[tuple[object, object, str]] = set()
    for ends in relations:
        for end in ends[:2]:
            if not isinstance(end, str | int) or end not in known:
                raise RecordError(f"relation {short_repr(ends[2])}: no entity {short_repr(end)}")
        head, tail = known[ends[0]], known[ends[1]]
        related |= {_place(head), _place(tail)}
        quintuples.append({"head": _json(head), "tail": _json(tail), "relation": ends[2]})
    kept = {key: others[key] for key in OTHER_FIELDS if not _is_absent(others.get(key))}
    words = kept.get("tokens")
    if isinstance(words, list) and " ".join(map(str, words)) != text:
        del kept["tokens"]  # the text was edited in the tool
    return post_from_json(
        {
            "id": name,
            "text": text,
            **kept,
            "quintuples": quintuples,
            "entities": [_json(span) for span in known.values() if _place(span) not in related],
        }
    )


def _is_absent(value: object) -> bool:
    """Return whether metadata is missing; tools that use data frames write NaN."""
    return value is None or (isinstance(value, float) and value != value)


def _place(span: Span) -> tuple[object, object, str]:
    return span.start, span.end, str(span.type)


def _json(span: Span) -> dict[str, object]:
    return {"start": span.start, "end": span.end, "type": span.type}
