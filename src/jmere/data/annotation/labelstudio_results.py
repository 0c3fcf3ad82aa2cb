"""The results of an annotation of Label Studio: spans and relations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from jmere.data.annotation.marks import Span
from jmere.data.annotation.offsets import Utf16Offsets
from jmere.data.fields import Faults, RecordError, integer_of, list_of
from jmere.errors import short_repr

OTHER_RESULTS = "results that are no typed spans of the text and no relations were dropped"
UTF16 = "spans had offsets in UTF-16 units, as older releases write"
UNNAMED = "relations without a label were dropped"
"""Tally keys."""

Related = tuple[object, object, object]
"""Names of the spans of head and tail, and the relation."""


def read_results(
    results: Sequence[object], text: str, tally: Counter[str]
) -> tuple[list[Span], list[Related]]:
    """Return the spans and the relations of the results of one annotation.

    A relation to the left is turned round; one in both directions becomes two.

    Raises:
        RecordError: Listing every problem.
    """
    faults = Faults()
    spans: list[Span] = []
    relations: list[Related] = []
    for index, item in enumerate(results):
        with faults.within(f"result[{index}]"):
            if not isinstance(item, dict):
                raise RecordError(f"expected an object, got {short_repr(item)}")
            if item.get("type") == "relation":
                relations += _relations(item, tally)
            elif item.get("type") in ("labels", "hypertextlabels"):
                spans += _spans(item, text, tally)
            else:
                tally[OTHER_RESULTS] += 1
    faults.settle()
    return spans, relations


def _spans(item: dict[str, object], text: str, tally: Counter[str]) -> Iterator[Span]:
    value = item.get("value")
    if not isinstance(value, dict):
        raise RecordError(f"value: expected an object, got {short_repr(value)}")
    where = value.get("globalOffsets") or value
    if not isinstance(where, dict):
        raise RecordError(f"globalOffsets: expected an object, got {short_repr(where)}")
    start, end = integer_of(where.get("start")), integer_of(where.get("end"))
    said = value.get("text")
    if isinstance(said, str) and not _same(said, text[max(start, 0) : max(end, 0)]):
        offsets = Utf16Offsets(text)
        start, end = offsets.characters(start), offsets.characters(end)
        if not _same(said, text[start:end]):
            raise RecordError(
                f"its text is {short_repr(said)}, but characters {start} to {end} are "
                f"{short_repr(text[start:end])}"
            )
        tally[UTF16] += 1
    name = item.get("id")
    if not isinstance(name, str | int):
        raise RecordError(f"id: expected text, got {short_repr(name)}")
    labels = list_of(value.get("labels") or value.get("hypertextlabels") or [])
    if len(labels) != 1:
        raise RecordError(f"expected one label of a span, got {short_repr(labels)}")
    yield Span(name, start, end, labels[0])


def _relations(item: dict[str, object], tally: Counter[str]) -> Iterator[Related]:
    head, tail, labels = item.get("from_id"), item.get("to_id"), list_of(item.get("labels") or [])
    direction = item.get("direction", "right")
    if direction not in ("right", "left", "bi"):
        raise RecordError(f"direction: expected right, left or bi, got {short_repr(direction)}")
    if not labels:
        tally[UNNAMED] += 1
    for label in labels:
        if direction != "left":
            yield head, tail, label
        if direction != "right":
            yield tail, head, label


def _same(said: str, found: str) -> bool:
    """Compare texts as a browser shows them: white space may differ, line ends be written out."""
    return said == found or _plain(said) == _plain(found)


def _plain(text: str) -> str:
    return "".join(text.replace("\\n", "\n").split())
