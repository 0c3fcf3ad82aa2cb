"""MNRE, the relation dataset behind JMERE: one record per annotated pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jmere.data.fields import Faults, RecordError, checked_words, text_of
from jmere.data.readers.lines import Ids, report_faults
from jmere.data.readers.literals import LiteralSource, sources
from jmere.data.readers.tokens import image_of, is_no_relation, one_of, word_quintuple
from jmere.errors import OnProblem, refuse, short_repr
from jmere.records import Post, Quintuple

UNRELATED = "pairs without a relation were dropped"
"""Tally key of ``read_mnre``."""


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
    tally: Counter[str] | None = None,
    on_problem: OnProblem = refuse,
) -> Iterator[Post]:
    """Read the posts of an MNRE file (version 1 or 2) that have a relation.

    A record is an object of ``token``, ``h`` and ``t`` (each with ``pos``, a half-open
    span of words), ``relation`` (``/per/org/member_of``, the first slash optional, or
    ``None`` in any form) and, optionally, ``img_id``. The names in ``h`` and ``t`` are
    not used. Records are Python literals or JSON, one per line or all in one list.

    A post takes its image from its first record and its id from the image's stem,
    with ``-2``, ``-3``, ... where several posts share one; without an image it
    is ``line-N``, after its first line. A quintuple annotated twice is kept twice.

    Args:
        path: The file, UTF-8.
        merge: Which records make one post. ``v1``: consecutive ones with the same words, up
            to an unrelated pair of those words, as in the paper; holds one post at a
            time. ``v2``: all with the same words, as the authors advise; holds the file.
        unrelated: Keep the posts whose pairs are all unrelated, too; with ``v2`` alone.
        tally: Counter of dropped items.
        on_problem: Called for every problem; the record is then skipped.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first problem, unless ``on_problem`` continues.
        ValueError: If ``merge`` is neither, or does not go with ``unrelated``.
    """
    if merge not in ("v1", "v2"):
        raise ValueError(f"merge must be 'v1' or 'v2', got {merge!r}")
    if unrelated and merge != "v2":
        raise ValueError("unrelated posts are kept with merge 'v2' alone")
    records = _counted(_records(path, on_problem), Counter() if tally is None else tally)
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


def _counted(records: Iterable[_Record], tally: Counter[str]) -> Iterator[_Record]:
    for record in records:
        if record.quintuple is None:
            tally[UNRELATED] += 1
        yield record


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
    for source in sources(path):
        record = None
        try:
            record = _record(source)
        except RecordError as error:
            report_faults(path, source.line, error.messages, on_problem)
        if record is not None:
            yield record


def _record(source: LiteralSource) -> _Record:
    value = source.value()
    if not isinstance(value, dict):
        raise RecordError(f"expected an object, got {short_repr(value)}")
    faults, words, image, relation, quintuple = Faults(), None, None, None, None
    with faults.within("token"):
        words = checked_words(one_of(value, "token", "tokens"))
    with faults.within("img_id"):
        image = image_of(value)
    with faults.within("relation"):
        relation = _relation(value)
    if words is not None and relation is not None:
        try:
            *kinds, name = relation
            head, tail = value.get("h", value.get("head")), value.get("t", value.get("tail"))
            quintuple = word_quintuple(words, head, tail, (kinds[0], kinds[1]), name)
        except RecordError as error:
            faults += error.messages
    faults.settle()
    return _Record(source.line, words or (), image, quintuple)


def _relation(record: Mapping[str, object]) -> tuple[str, str, str] | None:
    value = one_of(record, "relation", "rel")
    if is_no_relation(value):
        return None
    text = text_of(value)
    parts = [part.strip() for part in text.strip().removeprefix("/").split("/")]
    if len(parts) != 3 or not all(parts):
        raise RecordError(
            f"expected '/head_type/tail_type/relation' or 'None', got {short_repr(text)}"
        )
    return parts[0], parts[1], parts[2]
