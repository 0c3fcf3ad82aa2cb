"""Names as rows of the database."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from jmere.knowledge.matching import unaccented
from jmere.knowledge.names import digest, slug
from jmere.knowledge.unify import NodeKey


class Spelling(NamedTuple):
    """A name: its number, its node id if it stands alone, and the key it is matched by."""

    n: int
    id: str
    kind: str
    key: str
    plain: str
    """The key without accents."""


@lru_cache(maxsize=1 << 16)
def spelling(key: NodeKey) -> Spelling:
    """Return the row of a name; its number is the digest in its id."""
    kind, name = key
    mark = digest(kind, name)
    return Spelling(int(mark, 16), f"{slug(name)}-{mark}".lstrip("-"), kind, name, unaccented(name))
