"""Readings: three definitions of when two entities, or two quintuples, are equal.

- ``directed``: spans, types and relation must match, and head and tail must not be swapped.
- ``undirected``: as directed, but head and tail may be swapped, each with its type. The authors'
  code writes every pair in both orders on both sides; here a pair is one unordered set instead.
  Both give the same precision, recall and F1 (every count is doubled there, but for an entity
  related to itself), and ours counts what a reader counts.
- ``surface``: a post's quintuples are compared by the text of their entities in place of their
  spans, so that two mentions of one name are one. Order, case and white space count.

Duplicates within a post count once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any, Literal, NamedTuple, Protocol, cast, get_args, runtime_checkable

from jmere.errors import nearest
from jmere.records import Entity, Quintuple

Reading = Literal["directed", "undirected", "surface"]
READINGS: tuple[str, ...] = get_args(Reading)

Key = tuple[Any, ...]
"""Fields compared for equality; the last one is the type or the relation."""


@runtime_checkable
class Annotated(Protocol):
    """Protocol of records that can be scored: a ``Post`` or an ``Extraction``."""

    @property
    def id(self) -> str | None: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def quintuples(self) -> Sequence[Quintuple]: ...  # noqa: D102
    @property
    def entities(self) -> Sequence[Entity]: ...  # noqa: D102


class Answer(NamedTuple):
    """Keys of a post's quintuples, of their entities, and of the entities listed separately."""

    links: Set[Key] = frozenset()
    ends: Set[Key] = frozenset()
    listed: Set[Key] = frozenset()


def as_reading(name: str) -> Reading:
    """Return the reading with a name.

    Raises:
        ValueError: If the name is unknown.

    Example:
        >>> as_reading("surface")
        'surface'
    """
    if name not in READINGS:
        raise ValueError(f"unknown reading {name!r}; {nearest(name, READINGS)}")
    return cast(Reading, name)


def identified(posts: Iterable[Annotated], side: str) -> Iterator[tuple[str, Annotated]]:
    """Yield each post with its id; ``side`` names the posts in errors.

    Raises:
        ValueError: If an id is absent or repeated.
    """
    seen: set[str] = set()
    for post in posts:
        if post.id is None:
            raise ValueError(f"{side} post number {len(seen) + 1} has no id to match it by")
        if post.id in seen:
            raise ValueError(f"duplicate {side} post id {post.id!r}")
        seen.add(post.id)
        yield post.id, post


def answer(post: Annotated, reading: Reading, text: str) -> Answer:
    """Return the keys of one post.

    Args:
        post: A post or a prediction.
        reading: Definition of equality.
        text: The post's text, for entities without a surface form.

    Raises:
        ValueError: If an entity lacks the offsets or text that the reading needs.

    Example:
        >>> from jmere.records import Post
        >>> post = Post(text="Ann in Rome", entities=(Entity("Ann", "per", 0, 3),))
        >>> answer(post, "directed", post.text).listed
        {(0, 3, 'per')}
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
