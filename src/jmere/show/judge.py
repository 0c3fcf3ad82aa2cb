"""Comparison of predicted quintuples with gold, and classification of errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jmere.evaluation.readings import Annotated, Key, Reading, answer
from jmere.records import Entity, Post, Quintuple

RIGHT, WRONG, MISSING, ABSENT = "✓", "✗", "○", ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A gold or predicted quintuple with each model's mark."""

    quintuple: Quintuple
    right: bool
    marks: tuple[str, ...]
    """One mark per model; ``WRONG`` is followed by the error."""


def judge(post: Post, found: Iterable[Annotated], reading: Reading) -> tuple[Answered, ...]:
    """Return all gold quintuples, then all other predicted ones, with marks."""
    gold = _keyed(post, post, reading)
    answers = [_keyed(each, post, reading) for each in found]
    every = dict(gold)
    for keyed in answers:
        for key, quintuple in keyed.items():
            every.setdefault(key, quintuple)
    return tuple(
        Answered(
            _named(quintuple, post.text),
            right=key in gold,
            marks=tuple(_mark(key, quintuple, gold, keyed) for keyed in answers),
        )
        for key, quintuple in every.items()
    )


def fault(quintuple: Quintuple, gold: Sequence[Quintuple]) -> str:
    """Describe the error of a quintuple relative to the nearest gold one."""
    head, tail = _span(quintuple.head), _span(quintuple.tail)
    for right in gold:
        spans = (_span(right.head), _span(right.tail))
        if (head, tail) == spans:
            types = (quintuple.head.type, quintuple.tail.type)
            same = types == (right.head.type, right.tail.type)
            return "relation" if same else "type"
    for right in gold:
        if (tail, head) == (_span(right.head), _span(right.tail)):
            return "direction" if quintuple.relation == right.relation else "relation"
    for right in gold:
        ends = (_span(right.head), _span(right.tail))
        if any(
            _overlap(head, first) and _overlap(tail, second) for first, second in (ends, ends[::-1])
        ):
            return "boundary"
    return "not in gold"


def _mark(
    key: Key, quintuple: Quintuple, gold: Mapping[Key, Quintuple], found: Mapping[Key, Quintuple]
) -> str:
    if key in gold:
        return RIGHT if key in found else MISSING
    return f"{WRONG} {fault(quintuple, list(gold.values()))}" if key in found else ABSENT


def _keyed(answers: Annotated, post: Post, reading: Reading) -> dict[Key, Quintuple]:
    keyed: dict[Key, Quintuple] = {}
    for quintuple in answers.quintuples:
        alone = replace(post, quintuples=(quintuple,), entities=())
        (key,) = answer(alone, reading, post.text).links
        keyed.setdefault(key, quintuple)
    return keyed


def _named(quintuple: Quintuple, text: str) -> Quintuple:
    """Return the quintuple with entity texts, which predictions may omit."""
    head, tail = (
        end if end.text else replace(end, text=text[end.start : end.end])
        for end in (quintuple.head, quintuple.tail)
    )
    return replace(quintuple, head=head, tail=tail)


def _span(entity: Entity) -> tuple[int, int]:
    return (entity.start, entity.end)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
