"""What makes two entities, or two quintuples, the same: the three readings of the figures.

- ``directed``: spans, types and relation must match, and head and tail must not be swapped.
- ``undirected``: as directed, but head and tail may be swapped, each with its type. The authors'
  code writes every pair in both orders on both sides; here a pair is one unordered set instead.
  Both give the same precision, recall and F1 (every count is doubled there, but for an entity
  related to itself), and ours counts what a reader counts.
- ``surface``: a post's quintuples are compared by the text of their entities in place of their
  spans, so that two mentions of one name are one. Order, case and white space count.

Whatever a post holds twice counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any, Literal, NamedTuple, Protocol, cast, get_args, runtime_checkable

from jmere.errors import nearest
from jmere.records import Entity, Quintuple

Reading = Literal["directed", "undirected", "surface"]
READINGS: tuple[str, ...] = get_args(Reading)

Key = tuple[Any, ...]
"""What must be equal for two to be the same; its last field is the type or the relation."""


@runtime_checkable
class Annotated(Protocol):
    """What can be scored: a ``Post`` or an ``Extraction``."""

    @property
    def id(self) -> str | None: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def quintuples(self) -> Sequence[Quintuple]: ...  # noqa: D102
    @property
    def entities(self) -> Sequence[Entity]: ...  # noqa: D102


class Answer(NamedTuple):
    """One post's quintuples, their entities, and the entities listed beside them, as keys."""

    links: Set[Key] = frozenset()
    ends: Set[Key] = frozenset()
    listed: Set[Key] = frozenset()


def as_reading(name: str) -> Reading:
    """The reading of that name.

    Raises:
        ValueError: If there is none.
    """
    if name not in READINGS:
        raise ValueError(f"unknown reading {name!r}; {nearest(name, READINGS)}")
    return cast(Reading, name)


def identified(posts: Iterable[Annotated], side: str) -> Iterator[tuple[str, Annotated]]:
    """Each post with its id; ``side`` says in an error which posts these are.

    Raises:
        ValueError: If an id is absent or repeated.
    """
    seen: set[str] = set()
    for post in posts:
        if post.id is None:
            raise ValueError(f"{side} post number {len(seen) + 1} has no id to match it by")
        if post.id in seen:
            raise ValueError(f"{side} post {post.id!r} stands twice; expected one per id")
        seen.add(post.id)
        yield post.id, post


def answer(post: Annotated, reading: Reading, text: str) -> Answer:
    """The keys of one post.

    Args:
        post: The quintuples and entities.
        reading: What the keys are made of.
        text: Where the surface of an entity that comes without it is found.

    Raises:
        ValueError: If an entity lacks what the reading needs.
    """
    links: set[Key] = set()
    ends: set[Key] = set()
    for quintuple in post.quintuples:
        pair = [_key(end, reading, text) for end in (quintuple.head, quintuple.tail)]
        ends.update(pair)
        links.add((*(sorted(pair) if reading == "undirected" else pair), quintuple.relation))
    return Answer(links, ends, {_key(entity, reading, text) for entity in post.entities})


def _key(entity: Entity, reading: Reading, text: str) -> Key:
    if reading == "surface":
        return (entity.text or _surface(entity, text), entity.type)
    if entity.start < 0:
        raise ValueError(
            f"entity {entity.text!r} has no offsets; expected 'start' and 'end', "
            "or the reading 'surface'"
        )
    return (entity.start, entity.end, entity.type)


def _surface(entity: Entity, text: str) -> str:
    if entity.end > len(text):
        raise ValueError(
            f"an entity ends at character {entity.end}, but the text has {len(text)} characters"
        )
    return text[entity.start : entity.end]
