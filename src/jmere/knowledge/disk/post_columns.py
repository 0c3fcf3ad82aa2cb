"""What many posts say, as tables for the database.

It is what ``PostReader.read`` says of each of them, but for repetitions; tests compare both.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from jmere.errors import short_repr
from jmere.knowledge.disk.disk_columns import arrow_column, arrow_module, number_column
from jmere.knowledge.disk.disk_tables import DISK_TABLES
from jmere.knowledge.disk.named_things import NamedThings
from jmere.knowledge.names import digest
from jmere.knowledge.reading import (
    NamedQuintuple,
    PostReader,
    PostSource,
    PredictedPost,
    read_label,
)

_LARGEST = 1 << 63


def post_tables(posts: Sequence[PredictedPost], first: int, reader: PostReader) -> dict[str, Any]:
    """Return rows by table.

    Args:
        posts: Each with an id.
        first: Number of the first; the others follow.
        reader: What is read of a post; it counts.

    Raises:
        ValueError: If a post has an offset that no text has.
    """
    reader.posts += len(posts)
    sources = [reader.source(post) for post in posts]
    quintuples = [each for post in posts for each in post.quintuples]
    asserting = _owners([len(post.quintuples) for post in posts])
    named = [reader.entities(post) for post in posts]
    things = [
        *(each.head for each in quintuples),
        *(each.tail for each in quintuples),
        *(each for some in named for each in some),
    ]
    owners = np.concatenate([asserting, asserting, _owners([len(some) for some in named])])
    try:
        entities = NamedThings(things, owners)
    except OverflowError:
        largest = max(range(len(things)), key=lambda row: things[row].end)
        post, end = posts[owners[largest]].id, things[largest].end
        raise ValueError(f"post {short_repr(post)}: offset {end} is too large") from None

    count = len(quintuples)
    kept = _kept(quintuples, entities.is_visible, reader)
    ends = np.concatenate([kept, kept + count])
    alone = np.arange(2 * count, len(things))
    alone = entities.new(alone[entities.is_visible[alone]], np.arange(2 * count))
    alone = entities.new(alone, ends, written=True)
    mentioned = np.concatenate([ends, alone])
    said = np.array([_text_number(source) for source in sources], np.uint64)
    types = _types()
    boxes = types["DOUBLE[]"]
    columns = {
        "spelling": entities.spellings(mentioned),
        "mention": [
            entities.numbers(mentioned),
            entities.forms(mentioned),
            number_column(said[owners[mentioned]]),
        ],
        "source_post": [
            number_column(np.arange(first, first + len(posts))),
            *zip(*sources, strict=True),
        ],
        "said_alone": [
            entities.numbers(alone),
            number_column(owners[alone] + first),
            *entities.places(alone),
            entities.boxes(alone, boxes),
        ],
        "said_claim": _claims(quintuples, kept, entities, first),
    }
    return {name: _table(name, own) for name, own in columns.items() if own and len(own[0])}


def _kept(quintuples: Sequence[NamedQuintuple], visible: Any, reader: PostReader) -> Any:
    """Return the numbers of the quintuples that are read, and count the others."""
    count, least = len(quintuples), reader.min_score
    sure = np.array([it.score is None or it.score >= least for it in quintuples], bool)
    named = visible[:count] & visible[count : 2 * count]
    reader.nameless += int((sure & ~named).sum())
    kept = sure & named
    if reader.exclude:
        out = np.array([read_label(it.relation) in reader.exclude for it in quintuples], bool)
        reader.excluded += int((kept & out).sum())
        kept &= ~out
    return np.flatnonzero(kept)


def _claims(
    quintuples: Sequence[NamedQuintuple], kept: Any, entities: NamedThings, first: int
) -> list[Any]:
    said = [quintuples[row] for row in kept.tolist()]
    heads, tails = kept, kept + len(quintuples)
    boxes = _types()["DOUBLE[]"]
    return [
        entities.numbers(heads),
        [read_label(each.relation) for each in said],
        entities.numbers(tails),
        number_column(entities.owners[heads] + first),
        [each.score for each in said],
        *entities.places(heads),
        *entities.places(tails),
        entities.boxes(heads, boxes),
        entities.boxes(tails, boxes),
        [read_label(each.source or "text") for each in said],
    ]


def _owners(counts: Sequence[int]) -> Any:
    """Return the number of the post of each of its things."""
    return np.repeat(np.arange(len(counts)), counts)


def _text_number(it: PostSource) -> int:
    """Return a number for a text, of its digest: eight bytes in place of its name."""
    return int(it.text_id or digest("post", str(it.post)), 16)


def _table(name: str, columns: Sequence[Any]) -> Any:
    """Return a table of columns, and of sequences of Python values."""
    arrow = arrow_module()
    kinds = [_types()[kind] for kind in DISK_TABLES[name].values()]
    made = [
        column if isinstance(column, arrow.Array) else arrow_column(column, kind)
        for column, kind in zip(columns, kinds, strict=True)
    ]
    return arrow.table(made, names=list(DISK_TABLES[name]))


@cache
def _types() -> dict[str, Any]:
    """Return the types of Arrow by those of the database."""
    arrow = arrow_module()
    return {
        "UBIGINT": arrow.uint64(),
        "BIGINT": arrow.int64(),
        "DOUBLE": arrow.float64(),
        "DOUBLE[]": arrow.list_(arrow.float64()),
        "VARCHAR": arrow.string(),
    }
