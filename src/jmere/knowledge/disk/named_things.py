"""Entities of many posts by columns, each with the name that it is matched by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from jmere.knowledge.disk.disk_columns import arrow_column, number_column, picked
from jmere.knowledge.disk.name_columns import name_columns
from jmere.knowledge.reading import NamedEntity


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
        self._starts = np.fromiter(map(attrgetter("start"), things), np.int64, len(things))
        self._ends = np.fromiter(map(attrgetter("end"), things), np.int64, len(things))
        self._boxes = [*map(attrgetter("box"), things)]
        pairs = [*map(attrgetter("type", "text"), things)]
        index: dict[tuple[str, str], int] = {
            pair: code for code, pair in enumerate(dict.fromkeys(pairs))
        }
        self._codes = np.fromiter(map(index.__getitem__, pairs), np.int64, len(things))
        kinds = [kind for kind, _ in index]
        self._names = name_columns(kinds, [text for _, text in index])
        self._written = np.arange(len(kinds))
        for row, form in self._names.cleaned:
            self._written[row] = index.setdefault((kinds[row], form), len(index))

    @property
    def is_visible(self) -> Any:
        """Return which names have a visible character, as a mask."""
        return self._names.visible[self._codes]

    def new(self, rows: Any, known: Any, *, written: bool = False) -> Any:
        """Return the rows that are no row of ``known``.

        Args:
            rows: Some entities.
            known: Others, of which one is the same if post, type, place and text are.
            written: Whether texts are compared as written in a graph, without extra white space.
        """
        if not len(rows) or not len(known):
            return rows
        codes = self._written[self._codes] if written else self._codes
        if written:  # where no text of a name is changed, equal names have equal texts
            changed = self._written[self._written != np.arange(len(self._written))]
            known = known[np.isin(codes[known], changed)]
        seen = set(self._identities(known, codes))
        if not seen:
            return rows
        return rows[[each not in seen for each in self._identities(rows, codes)]]

    def _identities(self, rows: Any, codes: Any) -> Iterator[tuple[object, ...]]:
        columns = (self.owners, self._starts, self._ends, codes)
        boxes = [self._boxes[row] for row in rows.tolist()]
        return zip(*(column[rows].tolist() for column in columns), boxes, strict=True)

    def numbers(self, rows: Any) -> Any:
        """Return the numbers of the names as a column."""
        return number_column(self._names.numbers[self._codes[rows]])

    def forms(self, rows: Any) -> Any:
        """Return the names as written."""
        return picked(self._names.forms, self._codes[rows])

    def places(self, rows: Any) -> tuple[Any, Any]:
        """Return the offsets, null where they are not known."""
        missing = self._starts[rows] < 0
        return (
            number_column(self._starts[rows], missing=missing),
            number_column(self._ends[rows], missing=missing),
        )

    def boxes(self, rows: Any, kind: Any) -> Any:
        """Return the boxes, as a column of this type."""
        return arrow_column([self._boxes[row] for row in rows.tolist()], kind)

    def spellings(self, rows: Any) -> list[Any]:
        """Return each name once, as the columns of a ``Spelling``."""
        codes = np.unique(self._codes[rows])
        texts = [picked(column, codes) for column in self._names.texts]
        return [number_column(self._names.numbers[codes]), *texts]
