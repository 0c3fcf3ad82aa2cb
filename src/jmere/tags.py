"""Tag sets and vocabularies: names and their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jmere.errors import short_repr
from jmere.files.bundled import bundled
from jmere.files.json_values import read_json

IGNORE = -100
"""Value of padding cells; the default ``ignore_index`` of torch's cross-entropy."""
NONE = 0
"""Number of the tag of a word pair without type or relation."""

DEFAULT_FILE = bundled("tags", "jmere.json")


@dataclass(frozen=True)
class TagSet:
    """Numbered entity types and relations: 0 is none, then the types, then the relations.

    Example:
        >>> tags = TagSet(("per", "org"), ("member_of",))
        >>> tags.entity_id("org"), tags.relation_id("member_of"), tags.name(0)
        (2, 3, '')
    """

    entity_types: Sequence[str]
    relations: Sequence[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "entity_types", tuple(self.entity_types))
        object.__setattr__(self, "relations", tuple(self.relations))
        for kind, names in (("entity type", self.entity_types), ("relation", self.relations)):
            for name in names:
                if not name.strip():
                    raise ValueError(f"a tag set's {kind} must have a name, got {short_repr(name)}")
            if len(set(names)) < len(names):
                twice = next(name for name, count in Counter(names).items() if count > 1)
                raise ValueError(f"a tag set names the {kind} {short_repr(twice)} twice")
        if not self.entity_types:
            raise ValueError("a tag set needs at least one entity type")

    def __len__(self) -> int:
        """Return the number of tags, none included."""
        return 1 + len(self.entity_types) + len(self.relations)

    @cached_property
    def _entity_ids(self) -> dict[str, int]:
        return {name: 1 + index for index, name in enumerate(self.entity_types)}

    @cached_property
    def _relation_ids(self) -> dict[str, int]:
        first = 1 + len(self.entity_types)
        return {name: first + index for index, name in enumerate(self.relations)}

    @property
    def entity_slice(self) -> slice:
        """Return the numbers of the entity types."""
        return slice(1, 1 + len(self.entity_types))

    @property
    def relation_slice(self) -> slice:
        """Return the numbers of the relations."""
        return slice(1 + len(self.entity_types), len(self))

    def entity_id(self, name: str) -> int:
        """Return the number of an entity type; raise ``KeyError`` if it is unknown."""
        return self._entity_ids[name]

    def relation_id(self, name: str) -> int:
        """Return the number of a relation; raise ``KeyError`` if it is unknown."""
        return self._relation_ids[name]

    def name(self, tag: int) -> str:
        """Return the name of a tag; the empty string for none."""
        return ("", *self.entity_types, *self.relations)[tag]

    def to_json(self) -> dict[str, list[str]]:
        """Return the tag set as the content of its file."""
        return {"entity_types": list(self.entity_types), "relations": list(self.relations)}

    @classmethod
    def load(cls, path: str | Path = "default") -> TagSet:
        """Read a tag set: a JSON object with the lists ``entity_types`` and ``relations``.

        ``default`` is the set of JMERE, which ships with the package.

        Raises:
            ValueError: If the file holds anything else.
        """
        path = DEFAULT_FILE if str(path) == "default" else path
        expected = "expected an object with the lists 'entity_types' and 'relations'"
        try:
            value = read_json(path)
        except ValueError as error:
            raise ValueError(f"{error}; {expected}") from None
        if not isinstance(value, dict) or set(value) != {"entity_types", "relations"}:
            raise ValueError(f"{path}: {expected}")
        for names in value.values():
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ValueError(f"{path}: {expected} of names")
        try:
            return cls(value["entity_types"], value["relations"])
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None


ABSENT = 0
"""Number of padding or a missing edge."""

OTHER = 1
"""Number of every name that is not in the vocabulary."""


class Vocabulary:
    """Numbered names: 0 is absent, 1 any unknown name, and known names start at 2.

    Example:
        >>> Vocabulary(["nsubj", "obj"]).id("obj")
        3
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(names))

    def __len__(self) -> int:
        """Return the number of ids, absent and other included."""
        return len(self.names) + 2

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.names == other.names

    def __hash__(self) -> int:
        return hash(self.names)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {name: index + 2 for index, name in enumerate(self.names)}

    def id(self, name: str) -> int:
        """Return the number of a name, or ``OTHER`` if it is unknown."""
        return self._ids.get(name, OTHER)
