"""CoNLL files of entities: ``IMGID:`` lines, then one word and its BIO label per line."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path, PurePath

from jmere.data.annotations import UNKNOWN_LABEL
from jmere.files.whole import written_whole
from jmere.records import Entity, Extraction, Post
from jmere.text.words import post_words

OVERLAPPING = "entities inside or across longer ones were left out"
"""Tally key of ``write_conll``."""

_BREAKS = re.compile(r"[\t\r\n\f\v]+")


def write_conll(
    path: str | Path,
    posts: Iterable[Post | Extraction],
    *,
    types: Mapping[str, str] | None = None,
    tally: Counter[str] | None = None,
) -> int:
    """Write the entities of posts or results as a CoNLL file, atomically; return the posts' number.

    Words are the post's own or, without any, those of spaCy's English rules; a word that an
    entity begins or ends in is cut there. Of entities that overlap, the longest is written.

    Args:
        path: File to write.
        posts: The posts.
        types: What to call each type in the file; others keep their name.
        tally: Counter of what cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "posts.conll"
        >>> write_conll(path, [Post("Bonn wins", id="1", entities=[Entity("Bonn", "loc", 0, 4)])])
        1
        >>> path.read_text().split()
        ['IMGID:1', 'Bonn', 'B-loc', 'wins', 'O']
    """
    names, tally = types or {}, Counter() if tally is None else tally
    count = 0
    with written_whole(path) as stream:
        for count, post in enumerate(posts, start=1):
            stream.write(f"IMGID:{_image(post, count)}\n")
            for word, label in _labelled(post, names, tally):
                stream.write(f"{word}\t{label}\n")
            stream.write("\n")
    return count


def _image(post: Post | Extraction, count: int) -> str:
    name = post.image if isinstance(post.image, str) else post.id
    return _BREAKS.sub(" ", PurePath(name or f"post-{count}").name).strip() or f"post-{count}"


def _labelled(
    post: Post | Extraction, names: Mapping[str, str], tally: Counter[str]
) -> Iterator[tuple[str, str]]:
    given = chain(post.entities, (end for q in post.quintuples for end in (q.head, q.tail)))
    entities = _apart([each for each in dict.fromkeys(given) if each.start != UNKNOWN_LABEL], tally)
    as_post = post if isinstance(post, Post) else Post(post.text)
    spans = _cut(post_words(as_post).spans, entities)
    waiting = iter([*entities, None])
    entity = next(waiting)
    for start, end in spans:
        while entity is not None and entity.end <= start:
            entity = next(waiting)
        word = _BREAKS.sub(" ", post.text[start:end])
        if entity is None or end <= entity.start:
            yield word, "O"
        else:
            mark = "B" if start == entity.start else "I"
            yield word, f"{mark}-{names.get(entity.type, entity.type)}"


def _apart(entities: Iterable[Entity], tally: Counter[str]) -> list[Entity]:
    """Return entities of which none overlap, the longest first kept, in text order."""
    kept: list[Entity] = []
    for entity in sorted(entities, key=lambda each: (each.start - each.end, each.start, each.type)):
        index = bisect_left(kept, entity.end, key=lambda each: each.start)
        if index and kept[index - 1].end > entity.start:
            tally[OVERLAPPING] += 1
        else:
            kept.insert(index, entity)
    return kept


def _cut(spans: Sequence[tuple[int, int]], entities: Sequence[Entity]) -> Iterator[tuple[int, int]]:
    """Cut words where an entity begins or ends inside them."""
    borders = sorted({border for each in entities for border in (each.start, each.end)})
    index = 0
    for start, end in spans:
        while index < len(borders) and borders[index] <= start:
            index += 1
        while index < len(borders) and borders[index] < end:
            yield start, borders[index]
            start = borders[index]
            index += 1
        yield start, end
