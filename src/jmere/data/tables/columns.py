"""Which columns of a table hold which fields of a post, and which are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jmere.data.jsonl import KEYS
from jmere.data.origin import KEPT
from jmere.errors import nearest, short_repr

FIELDS = tuple(key for key in KEYS if key not in ("schema_version", KEPT))
"""Fields of a post that a column can hold."""


@dataclass(frozen=True)
class Columns:
    """The column of each field, and the columns that are copied to results.

    A field without an entry has the column of its own name, if there is one.

    Example:
        >>> columns = Columns.parse("text=tweet,id=tweet_id", "likes")
        >>> columns.found(["tweet_id", "tweet", "likes", "lang"])
        {'id': 'tweet_id', 'text': 'tweet'}
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    keep: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in self.fields:
            if name not in FIELDS:
                raise ValueError(
                    f"columns: unknown field {short_repr(name)}; {nearest(name, FIELDS)}"
                )

    @classmethod
    def parse(cls, columns: str | None = None, keep: str | None = None) -> Columns:
        """Parse ``field=column,...`` and ``column,...``.

        Raises:
            ValueError: If they are not of that form, or a field is not known.
        """
        fields = {}
        for part in (columns or "").split(",") if columns else ():
            name, equals, column = (piece.strip() for piece in part.partition("="))
            if not (name and equals and column):
                raise ValueError(
                    f"columns {short_repr(columns)}: expected field=column,... "
                    "such as text=tweet,id=tweet_id"
                )
            fields[name] = column
        names = [name.strip() for name in keep.split(",")] if keep else []
        if not all(names):
            raise ValueError(f"keep {short_repr(keep)}: expected column,... such as likes,lang")
        return cls(fields, tuple(names))

    def found(self, names: Sequence[str]) -> dict[str, str]:
        """Return the column of each field that a table with these column names has.

        Raises:
            ValueError: If a named column, or one for the text, is not there.
        """
        for column in [*self.fields.values(), *self.keep]:
            if column not in names:
                raise ValueError(f"no column {short_repr(column)}; {nearest(column, names)}")
        found = {name: self.fields.get(name, name) for name in FIELDS}
        found = {name: column for name, column in found.items() if column in names}
        if not {"text", "tokens"} & found.keys():
            raise ValueError(
                f"no column 'text'; name it with --columns text=COLUMN ({nearest('text', names)})"
            )
        return found
