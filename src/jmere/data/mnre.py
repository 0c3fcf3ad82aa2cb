"""MNRE, the text that JMERE is made of: one Python literal per line and annotated pair."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jmere.data.fields import Faults, RecordError, required, text_of, words_of
from jmere.data.lines import Ids, decoded, numbered_lines, report
from jmere.data.tokens import image_of, word_quintuple
from jmere.files import OnProblem, refuse
from jmere.records import Post, Quintuple

LONGEST = 100_000
"""Bytes that a line may have: Python literals take much memory to read."""


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    words: tuple[str, ...]
    image: str | None
    quintuple: Quintuple | None
    """Absent where the pair is annotated as unrelated."""


def read_mnre(
    path: str | Path,
    *,
    merge: Literal["v1", "v2"],
    unrelated: bool = False,
    on_problem: OnProblem = refuse,
) -> Iterator[Post]:
    """The posts of an MNRE file (version 1 or 2) that have a relation.

    A line is a dict of ``token``, ``h`` and ``t`` (each with ``pos``, a half-open
    span of words), ``relation`` (``/per/org/member_of``, or ``None`` in either
    case) and, optionally, ``img_id``. The names in ``h`` and ``t`` are not used.

    A post takes its image from its first line and its id from the image's stem,
    with ``-2``, ``-3``, ... where several posts share one; without an image it
    is ``line-N``, after its first line. A quintuple annotated twice is kept twice.

    Args:
        path: The file, UTF-8.
        merge: Which lines make one post. ``v1``: consecutive ones with the same words, up
            to an unrelated pair of those words, as in the paper; holds one post at a
            time. ``v2``: all with the same words, as the authors advise; holds the file.
        unrelated: Keep the posts whose pairs are all unrelated, too; with ``v2`` alone.
        on_problem: Told of every fault; the line is then left out.

    Raises:
        FileNotFoundError: If there is no such file.
        DataError: At the first fault, unless ``on_problem`` goes on.
        ValueError: If ``merge`` is neither, or does not go with ``unrelated``.
    """
    if merge not in ("v1", "v2"):
        raise ValueError(f"merge must be 'v1' or 'v2', got {merge!r}")
    if unrelated and merge != "v2":
        raise ValueError("unrelated posts are kept with merge 'v2' alone")
    records = _records(path, on_problem)
    ids = Ids()
    if merge == "v2" and not unrelated:
        records = (record for record in records if record.quintuple is not None)
    for group in _runs(records) if merge == "v1" else _same_words(records):
        first = group[0]
        yield Post(
            id=ids.unique(first.image, first.line),
            tokens=first.words,
            image=first.image,
            quintuples=[record.quintuple for record in group if record.quintuple is not None],
        )


def _runs(records: Iterable[_Record]) -> Iterator[list[_Record]]:
    run: list[_Record] = []
    for record in records:
        same = bool(run) and record.words == run[0].words
        if same and record.quintuple is not None:
            run.append(record)
            continue
        if run:
            yield run
        run = [record] if record.quintuple is not None else []
    if run:
        yield run


def _same_words(records: Iterable[_Record]) -> Iterator[list[_Record]]:
    groups: dict[tuple[str, ...], list[_Record]] = {}
    for record in records:
        groups.setdefault(record.words, []).append(record)
    yield from groups.values()


def _records(path: str | Path, on_problem: OnProblem) -> Iterator[_Record]:
    for number, raw in numbered_lines(path, longest=LONGEST):
        if not raw.strip():
            continue
        try:
            record = _record(number, _literal(decoded(raw, longest=LONGEST)))
        except RecordError as error:
            report(path, number, error.messages, on_problem)
        else:
            yield record


def _literal(line: str) -> dict[str, object]:
    try:
        value = ast.literal_eval(line.strip())
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        raise RecordError(f"not a Python literal: {line[:40]!r}") from None
    if not isinstance(value, dict):
        raise RecordError(f"expected a dict, got {type(value).__name__}")
    return value


def _record(line: int, value: dict[str, object]) -> _Record:
    faults, words, image, relation, quintuple = Faults(), None, None, None, None
    with faults.within("token"):
        words = words_of(required(value, "token"))
    with faults.within("img_id"):
        image = image_of(value)
    with faults.within("relation"):
        relation = _relation(required(value, "relation"))
    if words is not None and relation is not None:
        try:
            *kinds, name = relation
            quintuple = word_quintuple(
                words, value.get("h"), value.get("t"), (kinds[0], kinds[1]), name
            )
        except RecordError as error:
            faults += error.messages
    faults.settle()
    return _Record(line, words or (), image, quintuple)


def _relation(value: object) -> tuple[str, str, str] | None:
    text = text_of(value)
    if text.lower() == "none":
        return None
    parts = text.split("/")
    if len(parts) != 4 or parts[0] or not all(part.strip() for part in parts[1:]):
        raise RecordError(f"expected '/head_type/tail_type/relation' or 'None', got {text[:40]!r}")
    return parts[1], parts[2], parts[3]
