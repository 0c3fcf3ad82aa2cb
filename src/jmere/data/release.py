"""The JMERE release of the paper's authors: one JSON list of posts annotated in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from jmere.data.fields import Faults, RecordError, items_of, name_of, object_of, required, words_of
from jmere.data.inputs import read_text
from jmere.data.lines import Ids, report
from jmere.data.tokens import image_of, word_quintuple
from jmere.files import OnProblem, refuse
from jmere.records import Post, Quintuple

_SPACE = re.compile(r"[ \t\r\n]*")


def read_release(path: str | Path, *, on_problem: OnProblem = refuse) -> Iterator[Post]:
    """The posts of a release file.

    Each is an object of ``token``, ``img_id`` and ``label_list``. A label is
    ``{"beg_ent", "sec_ent", "relation"}``, in the authors' files alone in a list of
    its own; an entity is ``{"name", "pos", "tags"}``: ``pos`` is a half-open span of
    words and ``tags`` its type. Names are not used. Ids are as ``read_mnre`` makes them.

    Args:
        path: The file, UTF-8; it is held in memory.
        on_problem: Told of every fault; the post is then left out. Where the file ceases to
            be JSON, what follows cannot be read.

    Raises:
        FileNotFoundError: If there is no such file.
        DataError: At the first fault, unless ``on_problem`` goes on.
    """
    text = read_text(path)
    ids = Ids()
    try:
        for index, item in enumerate(_items(text)):
            line, value = item
            try:
                post = _post(value, line, ids)
            except RecordError as error:
                messages = [f"post {index}: {message}" for message in error.messages]
                report(path, line, messages, on_problem)
            else:
                yield post
    except _BrokenError as error:
        report(path, error.line, [error.message], on_problem)


class _BrokenError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def _items(text: str) -> Iterator[tuple[int, object]]:
    """The items of a JSON list, each with the line on which it begins."""
    decoder, place, line, counted = json.JSONDecoder(), 0, 1, 0
    place = _skip(text, place)
    if not text.startswith("[", place):
        raise _BrokenError(1, "expected a JSON list of posts")
    place = _skip(text, place + 1)
    while not text.startswith("]", place):
        line, counted = line + text.count("\n", counted, place), place
        try:
            value, place = decoder.raw_decode(text, place)
        except json.JSONDecodeError as error:
            raise _BrokenError(error.lineno, f"not JSON: {error.msg}") from None
        except (RecursionError, ValueError) as error:
            raise _BrokenError(line, f"not JSON that can be read: {error}") from None
        yield line, value
        place = _skip(text, place)
        if text.startswith(",", place):
            place = _skip(text, place + 1)
        elif not text.startswith("]", place):
            line += text.count("\n", counted, place)
            raise _BrokenError(line, "not JSON: expected ',' or ']' after a post")
    if _skip(text, place + 1) < len(text):
        raise _BrokenError(line, "not JSON: something follows the list of posts")


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return place if found is None else found.end()


def _post(value: object, line: int, ids: Ids) -> Post:
    faults, words, image, quintuples = Faults(), None, None, []
    fields = object_of(value, ("token", "img_id", "label_list"), faults)
    with faults.within("token"):
        words = words_of(required(fields, "token"))
    with faults.within("img_id"):
        image = image_of(fields)
    for index, item in enumerate(items_of(fields, "label_list", faults)):
        with faults.within(f"label_list[{index}]"):
            quintuples += _labels(item, words)
    faults.settle()
    return Post(id=ids.unique(image, line), tokens=words, image=image, quintuples=quintuples)


def _labels(value: object, words: tuple[str, ...] | None) -> list[Quintuple]:
    if words is None:
        return []
    labels = value if isinstance(value, list) else [value]
    return [_quintuple(label, words) for label in labels]


def _quintuple(value: object, words: tuple[str, ...]) -> Quintuple:
    faults, kinds, relation = Faults(), ["", ""], ""
    fields = object_of(value, ("beg_ent", "sec_ent", "relation"), faults)
    for place, key in enumerate(("beg_ent", "sec_ent")):
        with faults.within(key):
            kinds[place] = _kind(required(fields, key))
    with faults.within("relation"):
        relation = name_of(required(fields, "relation"))
    faults.settle()
    return word_quintuple(
        words, fields["beg_ent"], fields["sec_ent"], (kinds[0], kinds[1]), relation
    )


def _kind(value: object) -> str:
    faults, kind = Faults(), ""
    fields = object_of(value, ("name", "pos", "tags"), faults)
    with faults.within("tags"):
        kind = name_of(required(fields, "tags"))
    faults.settle()
    return kind
