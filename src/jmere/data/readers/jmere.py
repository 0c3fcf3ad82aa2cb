"""The JMERE release of the paper's authors: a JSON list of posts annotated in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from jmere.data.fields import Faults, RecordError, checked_words, items_of, name_of, object_of
from jmere.data.readers.lines import Ids, report_faults
from jmere.data.readers.literals import sources
from jmere.data.readers.tokens import IMAGE_KEYS, image_of, is_no_relation, one_of, word_quintuple
from jmere.errors import OnProblem, refuse
from jmere.records import Post, Quintuple

_MAX_LENGTH = 1 << 22
"""Maximum length of a post, in characters."""

WITHOUT_RELATION = "labels without a relation were dropped"
UNLABELLED = "posts without label_list were read as posts without a quintuple"
UNKNOWN_TAG = "keys of no known name were passed over"
"""Tally keys of ``read_release``."""


def read_release(
    path: str | Path, *, tally: Counter[str] | None = None, on_problem: OnProblem = refuse
) -> Iterator[Post]:
    """Read the posts of a release file.

    Each is an object of ``token``, ``img_id`` and ``label_list``. A label is
    ``{"beg_ent", "sec_ent", "relation"}``, in the authors' files alone in a list of
    its own; an entity is ``{"name", "pos", "tags"}``: ``pos`` is a half-open span of
    words and ``tags`` its type. Names are not used. Ids are as ``read_mnre`` makes them.
    The posts are in one list or a line each, in JSON or as Python literals.

    Args:
        path: The file, UTF-8; a list is held in memory.
        tally: Counter of dropped items.
        on_problem: Called for every problem; the post is then skipped.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first problem, unless ``on_problem`` continues.
    """
    ids, tally = Ids(), Counter() if tally is None else tally
    for index, source in enumerate(sources(path, max_length=_MAX_LENGTH)):
        post = None
        try:
            post = _post(source.value(), source.line, ids, tally)
        except RecordError as error:
            messages = [f"post {index}: {message}" for message in error.messages]
            report_faults(path, source.line, messages, on_problem)
        if post is not None:
            yield post


def _post(value: object, line: int, ids: Ids, tally: Counter[str]) -> Post:
    faults, words, image = Faults(), None, None
    quintuples: list[Quintuple] = []
    fields = _fields(value, ("token", "tokens", "label_list", *IMAGE_KEYS), tally)
    with faults.within("token"):
        words = checked_words(one_of(fields, "token", "tokens"))
    with faults.within("img_id"):
        image = image_of(fields)
    if fields.get("label_list") is None:
        tally[UNLABELLED] += 1
        fields.pop("label_list", None)
    for index, item in enumerate(items_of(fields, "label_list", faults)):
        with faults.within(f"label_list[{index}]"):
            quintuples += _labels(item, words, tally)
    faults.settle()
    return Post(id=ids.unique(image, line), tokens=words, image=image, quintuples=quintuples)


def _labels(
    value: object, words: tuple[str, ...] | None, tally: Counter[str]
) -> Iterator[Quintuple]:
    if words is None:
        return
    for label in value if isinstance(value, list) else [value]:
        fields = _fields(label, ("beg_ent", "sec_ent", "relation"), tally)
        if is_no_relation(fields.get("relation", "")) and "relation" in fields:
            tally[WITHOUT_RELATION] += 1
        else:
            yield _quintuple(fields, words, tally)


def _quintuple(fields: dict[str, object], words: tuple[str, ...], tally: Counter[str]) -> Quintuple:
    faults, kinds, relation = Faults(), ["", ""], ""
    for end, key in enumerate(("beg_ent", "sec_ent")):
        with faults.within(key):
            kinds[end] = _kind(one_of(fields, key), tally)
    with faults.within("relation"):
        relation = name_of(one_of(fields, "relation"))
    faults.settle()
    return word_quintuple(
        words, fields["beg_ent"], fields["sec_ent"], (kinds[0], kinds[1]), relation
    )


def _kind(value: object, tally: Counter[str]) -> str:
    faults, kind = Faults(), ""
    fields = _fields(value, ("name", "pos", "tags", "type"), tally)
    with faults.within("tags"):
        kind = name_of(one_of(fields, "tags", "type"))
    faults.settle()
    return kind


def _fields(value: object, known: Collection[str], tally: Counter[str]) -> dict[str, object]:
    """Return the known keys of an object; the others are counted."""
    unknown = Faults()
    fields = object_of(value, known, unknown)
    if unknown:
        tally[UNKNOWN_TAG] += len(unknown)
    return fields
