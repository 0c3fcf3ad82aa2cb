"""MNER files: a line ``IMGID:`` with an image name, then one word and its label per line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from types import MappingProxyType

from jmere.data.fields import RecordError
from jmere.data.readers.bio import Counts, Stray, parse_label, spans
from jmere.data.readers.lines import Ids, decoded, numbered_lines, report_faults
from jmere.data.readers.tokens import word_entities
from jmere.errors import OnProblem, nearest, refuse, short_repr
from jmere.records import Post

TWITTER_TYPES: Mapping[str, str] = MappingProxyType(
    {"PER": "per", "LOC": "loc", "ORG": "org", "OTHER": "misc", "MISC": "misc"}
)
"""Types of Twitter-2015 and Twitter-2017, mapped to the default tag set."""

COMMENTS = "comment lines were passed over"
STARTED = "labels that continue nothing start an entity"
DROPPED = "labels I- that continue nothing were dropped; --stray start keeps them"
IOB1 = f"{DROPPED} (no B- begins an entity: the file looks like IOB1)"
"""Tally key of stray labels of ``read_conll``."""

_IMAGE = re.compile(r"\s*IMGID\s*:", re.IGNORECASE)
_ENDINGS = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
_BOUNDARY = "-DOCSTART-"
_BLANKS = " \t\r\f\v"


@dataclass
class _Draft:
    """A partly read post."""

    line: int
    image: str | None = None
    words: list[str] = field(default_factory=list)
    labels: list[tuple[str, str]] = field(default_factory=list)
    faulty: bool = False


def read_conll(
    path: str | Path,
    *,
    stray: Stray = "drop",
    types: Mapping[str, str] = TWITTER_TYPES,
    tally: Counter[str] | None = None,
    on_problem: OnProblem = refuse,
) -> Iterator[Post]:
    """Read the posts of a file of named entities, their ``entities`` filled.

    A post begins with ``IMGID:`` or after a blank line; without ``IMGID:`` it has no
    image. A line is a word, any other columns, and a label, apart by tabs or, in a
    line without a tab, by spaces; a word may be a no-break space. Labels are IOB1, BIO,
    BIOES or BILOU. ``-DOCSTART-`` ends a post. The image is the name after ``IMGID:``,
    with ``.jpg`` where it has no ending of a picture's; the id is the name without
    ending, with ``-2``, ``-3``, ... where several posts share one.

    Args:
        path: The file, UTF-8.
        stray: What a label ``I-`` (or ``E-``, ``L-``) that continues no entity of its type
            does. Dropping it gives the data sets' own counts; starting an entity is what
            IOB1 means and lenient scorers do.
        types: What each type of the file is called in the tag set, whatever its case.
        tally: Counter of dropped or ambiguous labels.
        on_problem: Called for every problem; the whole post is then skipped.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first problem, unless ``on_problem`` continues.
        ValueError: If ``stray`` is neither.
    """
    if stray not in ("start", "drop"):
        raise ValueError(f"stray must be 'start' or 'drop', got {stray!r}")
    tally = Counter() if tally is None else tally
    names = {**{name.upper(): called for name, called in types.items()}, **types}
    ids, counts = Ids(), Counts()
    for draft in _drafts(path, names, tally, on_problem):
        if not draft.faulty:
            found = spans(draft.labels, stray=stray, counts=counts)
            yield Post(
                id=ids.unique(draft.image, draft.line),
                tokens=draft.words,
                image=draft.image,
                entities=word_entities(
                    draft.words, [(each.start, each.end, names[each.type]) for each in found]
                ),
            )
    if counts.stray:
        done = STARTED if stray == "start" else DROPPED if counts.begun else IOB1
        tally[done] += counts.stray


def parse_types(text: str) -> dict[str, str]:
    """Parse ``PER=per,LOC=loc``: a mapping from a file's types to tag set types.

    Raises:
        ValueError: If it is not of that form.
    """
    types = {}
    for part in text.split(","):
        name, equals, called = (piece.strip() for piece in part.partition("="))
        if not name or not equals or not called:
            raise ValueError(
                f"types {short_repr(text)}: expected TYPE=name,... such as PER=per,LOC=loc"
            )
        types[name] = called
    return types


def _drafts(
    path: str | Path, types: Mapping[str, str], tally: Counter[str], on_problem: OnProblem
) -> Iterator[_Draft]:
    draft: _Draft | None = None
    for number, raw in numbered_lines(path):
        line, faults = _decoded(raw)
        if draft is not None and _parts(line):
            yield _closed(draft, path, on_problem)
            draft = None
        if not line.strip(_BLANKS) or line.lstrip(_BLANKS).startswith(_BOUNDARY):
            continue
        if draft is None and _is_comment(line):
            tally[COMMENTS] += 1
            continue
        draft = draft or _Draft(number)
        try:
            if faults:
                raise RecordError(*faults)
            _add(draft, line, types)
        except RecordError as error:
            draft.faulty = True
            report_faults(path, number, error.messages, on_problem)
    if draft is not None:
        yield _closed(draft, path, on_problem)


def _decoded(raw: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        return decoded(raw), ()
    except RecordError as error:
        return raw[:100].decode(errors="replace"), error.messages


def _parts(line: str) -> bool:
    """Return whether a line ends the current post."""
    bare = line.strip(_BLANKS)
    return not bare or bare.startswith(_BOUNDARY) or _IMAGE.match(line) is not None


def _is_comment(line: str) -> bool:
    """Return whether a line before a post is a comment such as ``# id 17``."""
    return line.startswith("# ") and "\t" not in line and parse_label(line.split()[-1]) is None


def _closed(draft: _Draft, path: str | Path, on_problem: OnProblem) -> _Draft:
    if not draft.words and not draft.faulty:
        draft.faulty = True
        report_faults(path, draft.line, [f"the post {draft.image} has no words"], on_problem)
    return draft


def _add(draft: _Draft, line: str, types: Mapping[str, str]) -> None:
    if found := _IMAGE.match(line):
        draft.image = _image(line[found.end() :])
        return
    word, text = _columns(line)
    label = parse_label(text)
    if label is None:
        raise RecordError(
            f"expected a label O, B-TYPE or I-TYPE (or E-, S-, L-, U-) in the last column, "
            f"got {short_repr(text)}"
        )
    kind = label[1]
    if kind and kind not in types:
        kind = kind.upper()
    if kind and kind not in types:
        raise RecordError(
            f"unknown entity type {short_repr(label[1])}; {nearest(kind[:40], types)} "
            "(--types names what each type is called)"
        )
    draft.words.append(word)
    draft.labels.append((label[0], kind))


def _columns(line: str) -> tuple[str, str]:
    """Return word and label of a line: its first and last column."""
    bare = line.rstrip(_BLANKS)
    columns = bare.split("\t") if "\t" in bare else re.split(" +", bare.lstrip(" "))
    word, label = columns[0], columns[-1].strip(_BLANKS)
    if len(columns) < 2 or not word or not label:
        raise RecordError(f"expected a word, a tab or spaces, and a label, got {short_repr(line)}")
    return word, label


def _image(text: str) -> str:
    name = text.split("\t")[0].strip()
    if not name:
        raise RecordError("IMGID: without a number")
    return name if PurePath(name).suffix.lower() in _ENDINGS else f"{name}.jpg"
