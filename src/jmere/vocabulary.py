"""Names that travel with a model: parts of speech, dependency labels, predicates."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

ABSENT = 0
"""Number of "nothing here": padding, or no edge."""

OTHER = 1
"""Number of every name the vocabulary does not know."""


class Vocabulary:
    """Names numbered from 2; 0 is absent and 1 is any other name."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(names))

    def __len__(self) -> int:
        """How many numbers there are, absent and other included."""
        return len(self.names) + 2

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.names == other.names

    def __hash__(self) -> int:
        return hash(self.names)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {name: index + 2 for index, name in enumerate(self.names)}

    def id(self, name: str) -> int:
        """Number of a name, ``OTHER`` where it is unknown."""
        return self._ids.get(name, OTHER)
