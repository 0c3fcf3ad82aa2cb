"""Names as columns: most by functions of Arrow, those that have to be cleaned one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from jmere.knowledge.disk.disk_columns import (
    arrow_column,
    arrow_module,
    hashes,
    hex_texts,
    number_column,
)
from jmere.knowledge.disk.disk_spelling import Spelling, spelling
from jmere.knowledge.disk.disk_text import joined
from jmere.knowledge.names import SLUG_LENGTH, is_visible
from jmere.knowledge.reading import read_label, read_name

_PLAIN = "^[A-Za-z0-9.,]+( [A-Za-z0-9.,]+)*$"
_LEADING = "^[Tt][Hh][Ee] "
"""``matching.is_plain`` without a lookahead, which RE2 does not have."""

_NAMELESS = Spelling(0, "", "", "", "")


class NameColumns(NamedTuple):
    """Names by columns."""

    numbers: Any
    """Array of NumPy."""
    texts: list[Any]
    """The other columns of a ``Spelling``."""
    forms: Any
    """The names as written."""
    visible: Any
    """Which have a visible character, as a mask; the others have no name."""
    cleaned: list[tuple[int, str]]
    """Those that may differ from what was read, by their index, as written."""


def name_columns(kinds: Sequence[str], texts: Sequence[str]) -> NameColumns:
    """Return the names of types and texts, in their order."""
    arrow: Any = arrow_module()
    compute: Any = arrow_module("pyarrow.compute")
    ascii_texts = [text if text.isascii() else "" for text in texts]
    read = arrow_column(ascii_texts, arrow.string())
    leading = compute.match_substring_regex(read, _LEADING)
    plain = compute.and_not(compute.match_substring_regex(read, _PLAIN), leading)
    mask = np.array(plain.to_pylist(), bool)
    rows = np.flatnonzero(mask), np.flatnonzero(~mask)
    labels = [read_label(kinds[row]) for row in rows[0].tolist()]
    numbers, *columns = _plain(arrow_column(labels, arrow.string()), read.filter(plain))
    others = [_named(kinds[row], texts[row]) for row in rows[1].tolist()]
    other_numbers, *other_columns = (
        zip(*((*name, form) for name, form in others), strict=True) if others else [()] * 6
    )
    spots = np.argsort(np.concatenate(rows))
    order = number_column(spots)
    both = [
        arrow.concat_arrays([column, arrow_column(other, arrow.string())]).take(order)
        for column, other in zip(columns, other_columns, strict=True)
    ]
    visible = mask.copy()
    visible[rows[1]] = [name is not _NAMELESS for name, _ in others]
    cleaned = [(row, form) for row, (_, form) in zip(rows[1].tolist(), others, strict=True)]
    all_numbers = np.concatenate([numbers, np.array(other_numbers, np.uint64)])
    return NameColumns(all_numbers[spots], both[:-1], both[-1], visible, cleaned)


def _plain(kind: Any, form: Any) -> tuple[Any, ...]:
    """Return the columns of a ``Spelling`` and the names as written, of plain names."""
    compute: Any = arrow_module("pyarrow.compute")
    key = compute.ascii_lower(form)
    numbers = hashes(joined([kind, "\0", key]))
    words = compute.replace_substring_regex(key, "[^a-z0-9]+", "-")
    cut = compute.utf8_slice_codeunits(words, start=0, stop=SLUG_LENGTH)
    slug = compute.ascii_trim(cut, characters="-")
    ids = compute.ascii_ltrim(joined([slug, "-", hex_texts(numbers)]), characters="-")
    return numbers, ids, kind, key, key, form


def _named(kind: str, text: str) -> tuple[Spelling, str]:
    """Return the row of a name, and the name as written."""
    if not is_visible(text):
        return _NAMELESS, ""
    key, form = read_name(kind, text)
    return spelling(key), form
