"""MNER files: a line ``IMGID:`` with an image's number, then a word and a BIO label per line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from jmere.data.fields import RecordError
from jmere.data.lines import Ids, decoded, numbered_lines, report
from jmere.data.tokens import word_entity
from jmere.files import OnProblem, nearest, refuse
from jmere.records import Entity, Post

Stray = Literal["start", "drop"]
"""What an ``I-`` label that continues no entity of its type does: start one, or nothing."""

TWITTER_TYPES: Mapping[str, str] = MappingProxyType(
    {"PER": "per", "LOC": "loc", "ORG": "org", "OTHER": "misc", "MISC": "misc"}
)
"""The types of Twitter-2015 and Twitter-2017 in the names of the default tag set."""

_IMAGE = "IMGID:"


@dataclass
class _Draft:
    """A post as far as it has been read."""

    line: int
    image: str | None = None
    words: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    faulty: bool = False


def read_conll(
    path: str | Path,
    *,
    stray: Stray = "drop",
    types: Mapping[str, str] = TWITTER_TYPES,
    on_problem: OnProblem = refuse,
) -> Iterator[Post]:
    """The posts of a file of named entities, their ``entities`` filled.

    A post begins with ``IMGID:`` and ends at an empty line; without ``IMGID:`` it has
    no image. A line is ``word<TAB>label`` with nothing stripped: a word may be a
    no-break space. The image is the number plus ``.jpg`` and the id the number,
    with ``-2``, ``-3``, ... where several posts share one.

    Args:
        path: The file, UTF-8.
        stray: What an ``I-`` label that continues no entity of its type does. Dropping it
            gives the data sets' own counts; starting an entity is what lenient scorers do.
        types: What each type of the file is called in the tag set.
        on_problem: Told of every fault; the whole post is then left out.

    Raises:
        FileNotFoundError: If there is no such file.
        DataError: At the first fault, unless ``on_problem`` goes on.
        ValueError: If ``stray`` is neither.
    """
    if stray not in ("start", "drop"):
        raise ValueError(f"stray must be 'start' or 'drop', got {stray!r}")
    ids = Ids()
    for draft in _drafts(path, types, on_problem):
        if not draft.faulty:
            yield Post(
                id=ids.unique(draft.image and f"{draft.image}.jpg", draft.line),
                tokens=draft.words,
                image=draft.image and f"{draft.image}.jpg",
                entities=list(_entities(draft, stray, types)),
            )


def _drafts(path: str | Path, types: Mapping[str, str], on_problem: OnProblem) -> Iterator[_Draft]:
    draft: _Draft | None = None
    for number, raw in numbered_lines(path):
        if draft is not None and (not raw or raw.startswith(_IMAGE.encode())):
            yield _closed(draft, path, on_problem)
            draft = None
        if raw:
            draft = draft or _Draft(number)
            try:
                _add(draft, decoded(raw), types)
            except RecordError as error:
                draft.faulty = True
                report(path, number, error.messages, on_problem)
    if draft is not None:
        yield _closed(draft, path, on_problem)


def _closed(draft: _Draft, path: str | Path, on_problem: OnProblem) -> _Draft:
    if not draft.words and not draft.faulty:
        draft.faulty = True
        report(path, draft.line, [f"the post {draft.image} has no words"], on_problem)
    return draft


def _add(draft: _Draft, line: str, types: Mapping[str, str]) -> None:
    if line.startswith(_IMAGE):
        draft.image = line.removeprefix(_IMAGE).strip()
        if not draft.image:
            raise RecordError("IMGID: without a number")
        return
    word, tab, label = line.rpartition("\t")
    if not tab or not word or "\t" in word:
        raise RecordError(f"expected word<TAB>label, got {line[:40]!r}")
    prefix, _, kind = label.partition("-")
    if label != "O" and (prefix not in ("B", "I") or not kind):
        raise RecordError(f"expected a label O, B-TYPE or I-TYPE, got {label[:40]!r}")
    if label != "O" and kind not in types:
        raise RecordError(f"unknown entity type {kind[:40]!r}; {nearest(kind, types)}")
    draft.words.append(word)
    draft.labels.append(label)


def _entities(draft: _Draft, stray: Stray, types: Mapping[str, str]) -> Iterator[Entity]:
    start, current = 0, ""
    for index, label in enumerate([*draft.labels, "O"]):
        prefix, _, kind = label.partition("-")
        if prefix == "I" and kind == current:
            continue
        if current:
            yield word_entity(draft.words, start, index, types[current])
        begins = prefix == "B" or (prefix == "I" and stray == "start")
        start, current = index, kind if begins else ""
