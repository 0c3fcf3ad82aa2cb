"""Mentions become nodes: quintuples of any number of posts to one knowledge graph.

Two mentions are one node where their types are equal and their names are equal once normalised,
or where a quintuple says that one is another name of the other. What is kept grows with the
graph, not with the posts' texts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Any, Protocol, runtime_checkable

from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Node
from jmere.knowledge.names import clean, identifier, normalised
from jmere.records import Entity, Quintuple

ALTERNATE_NAMES = "alternate_names"
"""The relation of the JMERE set by which two names are one thing's."""


@runtime_checkable
class Source(Protocol):
    """What a graph is made of: an ``Extraction``, or a ``Post`` with gold quintuples."""

    @property
    def id(self) -> str | None: ...  # noqa: D102
    @property
    def image(self) -> Any: ...  # noqa: D102
    @property
    def quintuples(self) -> Sequence[Quintuple]: ...  # noqa: D102


def merge(
    posts: Iterable[Source],
    *,
    alternate_names: str | None = ALTERNATE_NAMES,
    min_score: float = 0.0,
) -> KnowledgeGraph:
    """The knowledge graph of some posts, the same in whatever order they come.

    Args:
        posts: Taken one at a time; only their names, ids, images and scores are kept.
        alternate_names: The relation that merges its two nodes, where they are of one type;
            ``None`` merges by name alone.
        min_score: Quintuples that are less sure are left out; those without a score stay.
    """
    merger = Merger(alternate_names=alternate_names, min_score=min_score)
    for post in posts:
        merger.add(post)
    return merger.graph()


class Merger:
    """A knowledge graph in the making; ``merge`` explains the options."""

    def __init__(
        self, *, alternate_names: str | None = ALTERNATE_NAMES, min_score: float = 0.0
    ) -> None:
        self.alternate_names = alternate_names
        self.min_score = min_score
        self.posts = 0
        self._keys: dict[tuple[str, str], int] = {}
        self._forms: list[Counter[str]] = []
        self._evidence: dict[tuple[int, str, int], list[Evidence]] = defaultdict(list)

    def add(self, post: Source) -> None:
        """Take in the quintuples of one post."""
        self.posts += 1
        source = None if post.id is None else clean(post.id)
        image = clean(str(post.image)) if isinstance(post.image, (str, PathLike)) else None
        # Entities without offsets are told apart by their text, which their equality leaves out.
        seen: set[tuple[Entity, str]] = set()
        for quintuple in post.quintuples:
            if quintuple.score is not None and quintuple.score < self.min_score:
                continue
            head, tail = (self._mention(end, seen) for end in (quintuple.head, quintuple.tail))
            evidence = Evidence(source, image, quintuple.score)
            self._evidence[head, clean(quintuple.relation), tail].append(evidence)

    def graph(self) -> KnowledgeGraph:
        """The graph of the posts so far."""
        kinds = list(self._keys)
        roots = self._roots(kinds)
        members: dict[int, list[int]] = defaultdict(list)
        for index, root in enumerate(roots):
            members[root].append(index)

        links: dict[tuple[int, str, int], list[Evidence]] = defaultdict(list)
        merged: dict[int, list[Evidence]] = defaultdict(list)
        for (head, relation, tail), evidence in self._evidence.items():
            head, tail = roots[head], roots[tail]
            if relation == self.alternate_names and head == tail:
                merged[head] += evidence
            else:
                links[head, relation, tail] += evidence

        nodes = {
            root: _node([kinds[index] for index in own], self._count(own), merged.get(root, []))
            for root, own in members.items()
        }
        edges = (
            Edge(nodes[head].id, relation, nodes[tail].id, _distinct(evidence))
            for (head, relation, tail), evidence in links.items()
        )
        return KnowledgeGraph(
            tuple(sorted(nodes.values(), key=lambda node: node.id)),
            tuple(sorted(edges, key=lambda edge: (edge.head, edge.relation, edge.tail))),
        )

    def _mention(self, entity: Entity, seen: set[tuple[Entity, str]]) -> int:
        form = clean(entity.text)
        key = (clean(entity.type), normalised(form))
        index = self._keys.setdefault(key, len(self._keys))
        if index == len(self._forms):
            self._forms.append(Counter())
        if (entity, form) not in seen:
            seen.add((entity, form))
            self._forms[index][form] += 1
        return index

    def _roots(self, kinds: list[tuple[str, str]]) -> list[int]:
        """One index for all that are the same thing (disjoint sets, paths halved)."""
        parents = list(range(len(kinds)))

        def find(index: int) -> int:
            while parents[index] != index:
                parents[index] = parents[parents[index]]
                index = parents[index]
            return index

        for head, relation, tail in self._evidence:
            if relation == self.alternate_names and kinds[head][0] == kinds[tail][0]:
                first, second = sorted((find(head), find(tail)))
                parents[second] = first
        return [find(index) for index in range(len(kinds))]

    def _count(self, indices: Iterable[int]) -> Counter[str]:
        forms: Counter[str] = Counter()
        for index in indices:
            forms.update(self._forms[index])
        return forms


def _node(kinds: list[tuple[str, str]], forms: Counter[str], merged: list[Evidence]) -> Node:
    kind, name = min(kinds)
    # Of equally frequent names one without the mark of a hashtag is nicer to read.
    label, *others = sorted(
        forms, key=lambda form: (-forms[form], form.startswith(("#", "@")), form)
    )
    return Node(
        identifier(kind, name), label, kind, tuple(others), forms.total(), _distinct(merged)
    )


def _distinct(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """In an order of their own; a post that says so twice counts once, by its best score."""
    best: dict[object, Evidence] = {}
    for number, each in enumerate(evidence):
        key = number if each.post is None else (each.post, each.image)
        if key not in best or (each.score or 0.0) > (best[key].score or 0.0):
            best[key] = each
    return tuple(sorted(best.values(), key=_order))


def _order(evidence: Evidence) -> tuple[str, str, float]:
    return (evidence.post or "", evidence.image or "", -(evidence.score or 0.0))
