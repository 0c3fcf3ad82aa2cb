"""What a post adds to a graph: its mentions of names and its claims."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from os import PathLike
from typing import Any, NamedTuple, Protocol, runtime_checkable

from jmere.knowledge.graph import Evidence
from jmere.knowledge.matching import is_plain, normalised
from jmere.knowledge.names import clean, is_visible, surface
from jmere.knowledge.near_text import text_digest
from jmere.knowledge.times import utc_time
from jmere.knowledge.unify import NodeKey
from jmere.records import Box

_CACHED = 1 << 16
"""Names of the last posts that are remembered: a post names most of its entities twice."""


@runtime_checkable
class NamedEntity(Protocol):
    """An entity, as an ``Entity`` is one."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def box(self) -> Box | None: ...  # noqa: D102


@runtime_checkable
class NamedQuintuple(Protocol):
    """A quintuple, as a ``Quintuple`` is one."""

    @property
    def head(self) -> NamedEntity: ...  # noqa: D102
    @property
    def tail(self) -> NamedEntity: ...  # noqa: D102
    @property
    def relation(self) -> str: ...  # noqa: D102
    @property
    def score(self) -> float | None: ...  # noqa: D102
    @property
    def source(self) -> str | None: ...  # noqa: D102


@runtime_checkable
class PredictedPost(Protocol):
    """Input of a graph: an ``Extraction``, or a ``Post`` with gold quintuples.

    ``text``, ``entities``, ``time``, ``author``, ``url``, ``language`` and ``model`` are used
    where there are any.
    """

    @property
    def id(self) -> str | None: ...  # noqa: D102
    @property
    def image(self) -> Any: ...  # noqa: D102
    @property
    def quintuples(self) -> Sequence[NamedQuintuple]: ...  # noqa: D102


Places = tuple[int | None, int | None, int | None, int | None, Box | None, Box | None]
"""Offsets of head and tail, then their boxes."""


class NameMention(NamedTuple):
    """A name in a post."""

    key: NodeKey
    form: str
    """The name as written."""
    start: int | None
    end: int | None
    box: Box | None
    alone: bool
    """Whether it is in no quintuple."""


class Claim(NamedTuple):
    """A quintuple: the indices of its ends among the post's mentions, relation and score."""

    head: int
    relation: str
    tail: int
    score: float | None
    source: str


class PostSource(NamedTuple):
    """What evidence tells of its post."""

    post: str | None
    image: str | None
    model: str | None
    time: str | None
    author: str | None
    url: str | None
    language: str | None
    text_id: str | None
    text: str | None
    kept: str | None


class PostReading(NamedTuple):
    """What one post adds to a graph."""

    post: PostSource
    mentions: tuple[NameMention, ...]
    claims: tuple[Claim, ...]

    def evidence(self, claim: Claim) -> Evidence:
        """Return the evidence of a claim."""
        head, tail = self.mentions[claim.head], self.mentions[claim.tail]
        places = (head.start, head.end, tail.start, tail.end, head.box, tail.box)
        return self._evidence(claim.score, places, claim.source)

    def mention_evidence(self, mention: NameMention) -> Evidence:
        """Return the evidence of a mention outside quintuples."""
        places = (mention.start, mention.end, None, None, mention.box, None)
        return self._evidence(None, places, "text")

    def _evidence(self, score: float | None, places: Places, source: str) -> Evidence:
        # By position: dataclasses.replace takes four times as long.
        it = self.post
        return Evidence(
            it.post, it.image, score, *places, it.model, source, it.time, it.author, it.url,
            it.language, it.text_id, it.text, it.kept,
        )  # fmt: skip


class PostReader:
    """Reads posts for a graph, and counts what is left out.

    Args:
        min_score: Quintuples that are less sure are left out; those without a score stay.
        exclude: Relations that are left out.
        alone: Whether entities outside quintuples are read.
        keep_text: Whether evidence has the text of its post.
    """

    def __init__(
        self,
        *,
        min_score: float = 0.0,
        exclude: Collection[str] = (),
        alone: bool = True,
        keep_text: bool = False,
    ) -> None:
        self.min_score = min_score
        self.exclude = frozenset(map(clean, exclude))
        self.alone = alone
        self.keep_text = keep_text
        self.posts = 0
        self.nameless = 0
        """Number of quintuples skipped because an end has no visible character."""
        self.excluded = 0
        """Number of quintuples skipped because of their relation."""
        self.timeless = 0
        """Number of posts with a time that cannot be read."""

    def fresh(self) -> PostReader:
        """Return a reader with the same options that has counted nothing."""
        return PostReader(
            min_score=self.min_score,
            exclude=self.exclude,
            alone=self.alone,
            keep_text=self.keep_text,
        )

    def count(self, other: PostReader) -> None:
        """Add what another reader has counted."""
        self.posts += other.posts
        self.nameless += other.nameless
        self.excluded += other.excluded
        self.timeless += other.timeless

    def read(self, post: PredictedPost) -> PostReading:
        """Read one post."""
        self.posts += 1
        mentions = _Mentions()
        # The ends of a quintuple that is left out are left out with it.
        ends: set[tuple[object, ...]] = set()
        claims = []
        for quintuple in post.quintuples:
            head, tail = _identity(quintuple.head), _identity(quintuple.tail)
            ends.add(head)
            ends.add(tail)
            if not self._is_left_out(quintuple):
                first = mentions.index(head, quintuple.head)
                second = mentions.index(tail, quintuple.tail)
                relation, source = read_label(quintuple.relation), quintuple.source or "text"
                claims.append(Claim(first, relation, second, quintuple.score, source))
        for entity in self.entities(post):
            identity = _identity(entity)
            if identity not in ends and _is_visible(entity.text):
                mentions.index(identity, entity, alone=True)
        return PostReading(self.source(post), tuple(mentions.found), tuple(claims))

    def _is_left_out(self, quintuple: NamedQuintuple) -> bool:
        if quintuple.score is not None and quintuple.score < self.min_score:
            return True
        if not (_is_visible(quintuple.head.text) and _is_visible(quintuple.tail.text)):
            self.nameless += 1
            return True
        if self.exclude and read_label(quintuple.relation) in self.exclude:
            self.excluded += 1
            return True
        return False

    def entities(self, post: PredictedPost) -> Sequence[NamedEntity]:
        """Return the entities that are read beside those in quintuples."""
        return getattr(post, "entities", ()) if self.alone else ()

    def source(self, post: PredictedPost) -> PostSource:
        """Return what evidence tells of a post; a time that cannot be read is counted."""
        text: str = getattr(post, "text", "") or ""
        written: str | None = getattr(post, "time", None)
        time = None if written is None else utc_time(written)
        self.timeless += written is not None and time is None
        return PostSource(
            _cleaned(post.id),
            _image(post.image),
            _cleaned(getattr(post, "model", None)),
            time,
            _cleaned(getattr(post, "author", None)),
            _cleaned(getattr(post, "url", None)),
            _cleaned(getattr(post, "language", None)),
            text_digest(text),
            clean(text) if self.keep_text and text else None,
            _kept(getattr(post, "kept", None)),
        )


_is_visible = lru_cache(maxsize=_CACHED)(is_visible)
read_label = lru_cache(maxsize=1 << 10)(clean)
"""Cleaned types, relations and sources, of which there are few."""


@lru_cache(maxsize=_CACHED)
def read_name(kind: str, text: str) -> tuple[NodeKey, str]:
    """Return the key of a name, and the name as written."""
    if is_plain(text):  # most names
        return (read_label(kind), text.lower()), text
    form = surface(text) or clean(text)
    return (read_label(kind), normalised(form)), form


def _kept(columns: Mapping[str, object] | None) -> str | None:
    if not columns:
        return None
    return clean(json.dumps(dict(columns), ensure_ascii=False, sort_keys=True))


def _image(image: object) -> str | None:
    if image is None or not isinstance(image, (str, PathLike)):
        return None
    return clean(str(image))


def _cleaned(value: str | None) -> str | None:
    return None if value is None else clean(value)


def _identity(entity: NamedEntity) -> tuple[object, ...]:
    # Entities without offsets are distinguished by text, which equality ignores.
    return entity.type, entity.start, entity.end, entity.box, entity.text


class _Mentions:
    """Mentions of a post; entities that differ in the spelling of white space alone are one."""

    def __init__(self) -> None:
        self.found: list[NameMention] = []
        self._indices: dict[tuple[object, ...], int] = {}

    def index(
        self, identity: tuple[object, ...], entity: NamedEntity, *, alone: bool = False
    ) -> int:
        """Return the index of an entity among the mentions."""
        index = self._indices.get(identity)
        if index is not None:
            return index
        key, form = read_name(entity.type, entity.text)
        cleaned = (*identity[:-1], None, form)
        index = self._indices.setdefault(cleaned, len(self.found))
        self._indices[identity] = index
        if index == len(self.found):
            known = entity.start >= 0
            start, end = (entity.start, entity.end) if known else (None, None)
            self.found.append(NameMention(key, form, start, end, entity.box, alone))
        return index
