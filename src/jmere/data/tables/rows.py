"""Rows of tables: posts from rows, and rows from posts and results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum

from jmere.data.fields import Faults, RecordError
from jmere.data.jsonl import parse_post
from jmere.data.origin import KEPT, ORIGIN_KEYS
from jmere.data.tables.table_cells import NESTED, id_cell, nested_cell, plain_cell
from jmere.records import Entity, Extraction, Post


class RowKind(str, Enum):
    """What a row of a table stands for."""

    POST = "post"
    QUINTUPLE = "quintuple"


POST_COLUMNS = (
    *("id", "text", "tokens", "image", "alt_text", "alt_texts", *ORIGIN_KEYS),
    *("scene_graph", "quintuples", "entities"),
)
RESULT_COLUMNS = (
    *("id", "text", "image", *ORIGIN_KEYS, "model", "quintuples", "entities", "scene_graph"),
    *("groundings", "warnings"),
)
_ENDS = ("text", "type", "start", "end")
QUINTUPLE_COLUMNS = (
    *("id", "head", "head_type", "head_start", "head_end", "relation"),
    *("tail", "tail_type", "tail_start", "tail_end", "score", "source", "image", *ORIGIN_KEYS),
    "model",
)
"""Columns of a table, in order; kept columns follow."""


def row_post(
    row: Mapping[str, object],
    fields: Mapping[str, str],
    keep: Iterable[str],
    *,
    number: int,
    gold: bool,
) -> tuple[Post, Faults]:
    """Return the post of a row and its problems.

    Args:
        row: The cells by column.
        fields: The column of each field.
        keep: Columns to copy.
        number: Number of the row, from 1; names a post where there is no column of ids.
        gold: Whether the post is annotated; see ``read_posts``.
    """
    faults = Faults()
    value: dict[str, object] = {}
    picture: object = None
    for name, column in fields.items():
        cell = row.get(column)
        if name == "id":
            value[name] = id_cell(cell)
        elif name == "image" and not isinstance(plain_cell(cell), str):
            picture = None if plain_cell_is_empty(cell) else cell
        elif name in NESTED:
            with faults.within(column):
                value[name] = nested_cell(cell)
        else:
            value[name] = _text_cell(cell, name)
    if "id" not in fields:
        value["id"] = f"row-{number}"
    kept = {column: _kept_cell(row.get(column)) for column in keep}
    value[KEPT] = {column: cell for column, cell in kept.items() if cell is not None}
    try:
        post, more = parse_post(value, gold=gold)
    except RecordError as error:
        return Post(), Faults([*faults, *error.messages])
    if value["id"] is None:
        more.append("missing 'id'")
    return (post if picture is None else replace(post, image=picture)), Faults([*faults, *more])


def plain_cell_is_empty(cell: object) -> bool:
    """Return whether a cell of a picture is empty; a picture in memory is not read for it."""
    return cell is None or (isinstance(cell, float) and plain_cell(cell) is None)


def table_rows(
    records: Iterable[Post | Extraction], kind: RowKind | str = RowKind.POST
) -> Iterator[dict[str, object]]:
    """Yield the rows of posts or results, one for each or one for each of their quintuples.

    Lists and objects are as in the lines of JSON; kept columns are columns of their own.

    Example:
        >>> found = Extraction("1", "Bonn wins", (), (Entity("Bonn", "loc", 0, 4),))
        >>> [row["id"] for row in table_rows([found])], list(table_rows([found], "quintuple"))
        (['1'], [])
    """
    for record in records:
        yield from _post_rows(record) if kind == RowKind.POST else _quintuple_rows(record)


def _post_rows(record: Post | Extraction) -> Iterator[dict[str, object]]:
    names = POST_COLUMNS if isinstance(record, Post) else RESULT_COLUMNS
    value = {**record.to_dict(), "text": record.text}
    yield _with_kept({name: value.get(name) for name in names}, record)


def _quintuple_rows(record: Post | Extraction) -> Iterator[dict[str, object]]:
    for found in record.quintuples:
        image = record.image if isinstance(record.image, str) else None
        row: dict[str, object] = {
            "id": record.id,
            "relation": found.relation,
            "score": found.score,
            "source": found.source or "text",
            "image": image,
            **{name: getattr(record, name) for name in ORIGIN_KEYS},
            "model": getattr(record, "model", None),
            **_end("head", found.head),
            **_end("tail", found.tail),
        }
        yield _with_kept({name: row[name] for name in QUINTUPLE_COLUMNS}, record)


def _end(name: str, entity: Entity) -> dict[str, object]:
    known = entity.start >= 0
    return {
        name: entity.text,
        f"{name}_type": entity.type,
        f"{name}_start": entity.start if known else None,
        f"{name}_end": entity.end if known else None,
    }


def _with_kept(row: dict[str, object], record: Post | Extraction) -> dict[str, object]:
    for name, value in record.kept.items():
        row[name if name not in row else f"{name}_kept"] = value
    return row


def _text_cell(cell: object, name: str) -> object:
    plain = plain_cell(cell)
    if plain == "" and name != "text":
        return None
    return str(plain) if isinstance(plain, bool | int | float) else plain


def _kept_cell(cell: object) -> object:
    plain = plain_cell(cell)
    return str(plain) if isinstance(plain, list | dict) else plain
