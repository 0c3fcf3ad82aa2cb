"""Entities of many posts by columns, each with the name that it is matched by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from jmere.knowledge.disk.disk_columns import arrow_column, arrow_module, number_column
from jmere.knowledge.disk.disk_spelling import Spelling, spelling
from jmere.knowledge.names import is_visible
from jmere.knowledge.reading import NamedEntity, read_name

_NAMELESS = Spelling(0, "", "", "", "")


class NamedThings:
    """Entities, by columns; ``rows`` are numbers of entities as an array of NumPy.

    Args:
        things: The entities.
        owners: Number of the post of each.

    Raises:
        OverflowError: If an offset does not fit into 64 bits.
    """

    def __init__(self, things: Sequence[NamedEntity], owners: Any) -> None:
        self.owners = owners
        self.starts = np.array([each.start for each in things], np.int64)
        self._ends = np.array([each.end for each in things], np.int64)
        self._boxes = [each.box for each in things]
        index: dict[tuple[str, str], int] = {}
        codes = [index.setdefault((each.type, each.text), len(index)) for each in things]
        self._codes = np.array(codes, np.int64)
        self._names = [_named(*pair) for pair in index]
        self._numbers = np.array([name.n for name, _ in self._names], np.uint64)
        self._forms = arrow_column([form for _, form in self._names], arrow_module().string())
        self._visible = np.array([name is not _NAMELESS for name, _ in self._names], bool)
        written: dict[tuple[str, str], int] = {}
        self._written = np.array(
            [
                written.setdefault((kind, form), len(written))
                for (kind, _), (_, form) in zip(index, self._names, strict=True)
            ],
            np.int64,
        )

    @property
    def is_visible(self) -> Any:
        """Return which names have a visible character, as a mask."""
        return self._visible[self._codes]

    def new(self, rows: Any, known: Any, *, written: bool = False) -> Any:
        """Return the rows that are no row of ``known``.

        Args:
            rows: Some entities.
            known: Others, of which one is the same if post, type, place and text are.
            written: Whether texts are compared as written in a graph, without extra white space.
        """
        codes = self._written[self._codes] if written else self._codes
        seen = set(self._identities(known, codes))
        if not seen:
            return rows
        return rows[[each not in seen for each in self._identities(rows, codes)]]

    def _identities(self, rows: Any, codes: Any) -> Iterator[tuple[object, ...]]:
        columns = (self.owners, self.starts, self._ends, codes)
        boxes = [self._boxes[row] for row in rows.tolist()]
        return zip(*(column[rows].tolist() for column in columns), boxes, strict=True)

    def numbers(self, rows: Any) -> Any:
        """Return the numbers of the names as a column."""
        return number_column(self._numbers[self._codes[rows]])

    def forms(self, rows: Any) -> Any:
        """Return the names as written."""
        return self._forms.take(number_column(self._codes[rows]))

    def places(self, rows: Any) -> tuple[Any, Any]:
        """Return the offsets, null where they are not known."""
        missing = self.starts[rows] < 0
        return (
            number_column(self.starts[rows], missing=missing),
            number_column(self._ends[rows], missing=missing),
        )

    def boxes(self, rows: Any, kind: Any) -> Any:
        """Return the boxes, as a column of this type."""
        return arrow_column([self._boxes[row] for row in rows.tolist()], kind)

    def spellings(self, rows: Any) -> list[Spelling]:
        """Return the rows of the names."""
        return [self._names[code][0] for code in np.unique(self._codes[rows]).tolist()]


def _named(kind: str, text: str) -> tuple[Spelling, str]:
    """Return the row of a name, and the name as written."""
    if not is_visible(text):
        return _NAMELESS, ""
    key, form = read_name(kind, text)
    return spelling(key), form
