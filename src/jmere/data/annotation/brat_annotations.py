"""The lines of a brat annotation file (``.ann``): text-bound annotations and relations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from jmere.data.annotation.brat_names import label_name, stored_label
from jmere.data.annotation.marks import Marks, Span
from jmere.data.fields import RecordError
from jmere.errors import short_repr

OTHER_LINES = "attributes, events, notes and normalisations were dropped"
WIDENED = "discontinuous spans were read as one span from start to end"
"""Tally keys."""

_LINES = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_SPAN = re.compile(r"(\S+) (\d{1,9} \d{1,9}(?:;\d{1,9} \d{1,9})*)")
_RELATION = re.compile(r"(\S+) ([^\s:]+):(\S+) ([^\s:]+):(\S+)\s*")


def annotation_lines(text: str, marks: Marks) -> Iterator[str]:
    """Yield the lines of an annotation file, without line ends.

    brat cannot show a span across lines, so such a span has one part per line.

    Raises:
        RecordError: If an entity begins or ends with a line break.
    """
    for number, entity in enumerate(marks.entities, start=1):
        found = text[entity.start : entity.end]
        parts = [each.span() for each in _LINES.finditer(found)]
        if not parts or parts[0][0] or parts[-1][1] < len(found):
            raise RecordError(
                f"entity {short_repr(found)} begins or ends with a line break; brat has no such"
            )
        where = ";".join(f"{entity.start + first} {entity.start + last}" for first, last in parts)
        shown = " ".join(found[first:last] for first, last in parts)
        yield f"T{number}\t{stored_label(entity.type)} {where}\t{_BREAK.sub(' ', shown)}"
    for number, each in enumerate(marks.relations, start=1):
        ends = f"Arg1:T{each.head + 1} Arg2:T{each.tail + 1}"
        yield f"R{number}\t{stored_label(each.name)} {ends}\t"


def read_span(line: str, text: str, tally: Counter[str]) -> Span:
    """Parse a text-bound annotation, such as ``T1<TAB>per 0 3<TAB>Ann``.

    Raises:
        RecordError: If it is none, or its text is another than that of its offsets.
    """
    name, _, rest = line.partition("\t")
    where, _, said = rest.partition("\t")
    found = _SPAN.fullmatch(where)
    if found is None:
        raise RecordError(f"expected TYPE START END after {name}, got {short_repr(where)}")
    parts = [tuple(map(int, part.split())) for part in found[2].split(";")]
    start, end = parts[0][0], parts[-1][1]
    shown = " ".join(text[first:last] for first, last in parts)
    if _plain(said) != _plain(shown):
        raise RecordError(
            f"{name} is {short_repr(said)}, but characters {start} to {end} are {short_repr(shown)}"
        )
    gaps = (text[last:first] for (_, last), (first, _) in pairwise(parts))
    if any(_LINES.search(gap) for gap in gaps):
        tally[WIDENED] += 1
    return Span(name, start, end, label_name(found[1]))


def read_relation(line: str) -> tuple[str, str, str]:
    """Parse a relation: its head, its tail and its name.

    Raises:
        RecordError: If it is none.
    """
    name, _, rest = line.partition("\t")
    found = _RELATION.fullmatch(rest)
    if found is None:
        expected = f"expected RELATION Arg1:T.. Arg2:T.. after {name}"
        raise RecordError(f"{expected}, got {short_repr(rest)}")
    relation, first, one, second, other = found.groups()
    head, tail = (other, one) if (first, second) == ("Arg2", "Arg1") else (one, other)
    return head, tail, label_name(relation)


def _plain(text: str) -> str:
    return "".join(text.split())
