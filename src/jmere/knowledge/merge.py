"""Entity merging: from the quintuples of many posts to one knowledge graph.

Two mentions become one node if their types are equal and

- their names have the same key (``jmere.knowledge.matching``), or

- the keys differ only in accents, unless ``fold_accents`` is off, or

- enough posts state that one is another name of the other.

A node lists the names merged for the second and third reason, with the posts. Memory grows with
the graph, not with the texts of the posts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Any, Protocol, runtime_checkable

from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Merge, Node
from jmere.knowledge.matching import normalised
from jmere.knowledge.names import clean, identifier, is_visible, surface
from jmere.knowledge.unify import (
    ACCENTS,
    Links,
    NodeKey,
    Pair,
    Sets,
    Threshold,
    join_accents,
    join_linked,
)
from jmere.records import Entity, Quintuple

ALTERNATE_NAMES = "alternate_names"
"""Relation of the JMERE tag set between two names of one entity."""

MERGE_SCORE = 0.5
"""Minimum score for one post to merge two names. Scores are calibrated, so above it the post is
more likely right than wrong.
"""

MERGE_POSTS = 3
"""Number of posts that merge two names if each has half of the score."""


@runtime_checkable
class PredictedPost(Protocol):
    """Input of a graph: an ``Extraction``, or a ``Post`` with gold quintuples."""

    @property
    def id(self) -> str | None: ...  # noqa: D102
    @property
    def image(self) -> Any: ...  # noqa: D102
    @property
    def quintuples(self) -> Sequence[Quintuple]: ...  # noqa: D102


def merge(
    posts: Iterable[PredictedPost],
    *,
    alternate_names: str | None = ALTERNATE_NAMES,
    min_score: float = 0.0,
    merge_score: float = MERGE_SCORE,
    merge_posts: int = MERGE_POSTS,
    fold_accents: bool = True,
) -> KnowledgeGraph:
    """Merge the quintuples of posts into a graph that is independent of their order.

    Args:
        posts: Taken one at a time; only their names, ids, images and scores are kept.
        alternate_names: The relation that merges its two nodes, where they are of one type;
            ``None`` merges by name alone.
        min_score: Quintuples that are less sure are left out; those without a score stay.
        merge_score: Score from which on one post's ``alternate_names`` merges. Below it the
            relation stays an edge. Gold quintuples, without a score, merge.
        merge_posts: Number of posts that merge where each has half of ``merge_score``.
        fold_accents: Whether names that differ in accents alone are one.

    Example:
        >>> from jmere.records import Entity, Post, Quintuple
        >>> ends = Entity("Ann", "per", 0, 3), Entity("Bonn", "loc", 13, 17)
        >>> post = Post("Ann lives in Bonn", quintuples=[Quintuple(*ends, "place_of_residence")])
        >>> graph = merge([post])
        >>> [node.label for node in graph.nodes], len(graph.edges)
        (['Ann', 'Bonn'], 1)
    """
    merger = Merger(
        alternate_names=alternate_names,
        min_score=min_score,
        merge_score=merge_score,
        merge_posts=merge_posts,
        fold_accents=fold_accents,
    )
    for post in posts:
        merger.add(post)
    return merger.graph()


class Merger:
    """Incremental builder of a knowledge graph; ``merge`` explains the options."""

    def __init__(
        self,
        *,
        alternate_names: str | None = ALTERNATE_NAMES,
        min_score: float = 0.0,
        merge_score: float = MERGE_SCORE,
        merge_posts: int = MERGE_POSTS,
        fold_accents: bool = True,
    ) -> None:
        self.alternate_names = alternate_names
        self.min_score = min_score
        self.threshold = Threshold(score=merge_score, posts=merge_posts)
        self.fold_accents = fold_accents
        self.posts = 0
        self.nameless = 0
        """Number of quintuples skipped because an end has no visible character."""
        self._keys: dict[NodeKey, int] = {}
        self._forms: list[Counter[str]] = []
        self._evidence: dict[tuple[int, str, int], list[Evidence]] = defaultdict(list)

    def add(self, post: PredictedPost) -> None:
        """Add the quintuples of one post."""
        self.posts += 1
        source = None if post.id is None else clean(post.id)
        image = clean(str(post.image)) if isinstance(post.image, (str, PathLike)) else None
        # Entities without offsets are distinguished by text, which equality ignores.
        seen: set[tuple[Entity, str]] = set()
        for quintuple in post.quintuples:
            if quintuple.score is not None and quintuple.score < self.min_score:
                continue
            ends = (quintuple.head, quintuple.tail)
            if not all(is_visible(end.text) for end in ends):
                self.nameless += 1
                continue
            head, tail = (self._mention(end, seen) for end in ends)
            evidence = Evidence(source, image, quintuple.score)
            self._evidence[head, clean(quintuple.relation), tail].append(evidence)

    def graph(self) -> KnowledgeGraph:
        """Build the graph of the posts so far."""
        keys, sets = list(self._keys), Sets(len(self._keys))
        spelled = join_accents(keys, sets) if self.fold_accents else []
        if self.alternate_names is not None:
            join_linked(
                keys,
                self._evidence,
                sets,
                relation=self.alternate_names,
                threshold=self.threshold,
            )
        roots = [sets.find(index) for index in range(len(keys))]
        links, named = self._links(roots)
        merges: dict[int, list[Merge]] = defaultdict(list)
        for pair in spelled:
            merges[roots[pair[0]]].append(self._merge(pair, ACCENTS, []))
        for pair, evidence in named.items():
            merges[roots[pair[0]]].append(self._merge(pair, str(self.alternate_names), evidence))

        members: dict[int, list[int]] = defaultdict(list)
        for index, root in enumerate(roots):
            members[root].append(index)
        nodes = {
            root: _node([keys[index] for index in own], self._count(own), merges.get(root, []))
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
        form = surface(entity.text) or clean(entity.text)
        key = (clean(entity.type), normalised(form))
        index = self._keys.setdefault(key, len(self._keys))
        if index == len(self._forms):
            self._forms.append(Counter())
        if (entity, form) not in seen:
            seen.add((entity, form))
            self._forms[index][form] += 1
        return index

    def _links(self, roots: Sequence[int]) -> tuple[Links, dict[Pair, list[Evidence]]]:
        """Collect evidence of edges between nodes, and of merges within a node."""
        links: dict[tuple[int, str, int], list[Evidence]] = defaultdict(list)
        named: dict[Pair, list[Evidence]] = defaultdict(list)
        for (head, relation, tail), evidence in self._evidence.items():
            if relation == self.alternate_names and roots[head] == roots[tail]:
                named[min(head, tail), max(head, tail)] += evidence
            else:
                links[roots[head], relation, roots[tail]] += evidence
        return links, named

    def _merge(self, pair: Pair, reason: str, evidence: Iterable[Evidence]) -> Merge:
        one, other = sorted(_by_frequency(self._forms[index])[0] for index in pair)
        return Merge((one, other), reason, _distinct(evidence))

    def _count(self, indices: Iterable[int]) -> Counter[str]:
        forms: Counter[str] = Counter()
        for index in indices:
            forms.update(self._forms[index])
        return forms


def _node(keys: Sequence[NodeKey], forms: Counter[str], merges: Iterable[Merge]) -> Node:
    kind, name = min(keys)
    label, *others = _by_frequency(forms)
    merged = tuple(sorted(merges, key=lambda merge: (merge.names, merge.reason)))
    return Node(identifier(kind, name), label, kind, tuple(others), forms.total(), merged)


def _by_frequency(forms: Counter[str]) -> list[str]:
    # Of equally frequent names one without the mark of a hashtag is nicer to read.
    return sorted(forms, key=lambda form: (-forms[form], form.startswith(("#", "@")), form))


def _distinct(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Sort evidence and keep the highest score of each post."""
    best: dict[object, Evidence] = {}
    for number, each in enumerate(evidence):
        key = number if each.post is None else (each.post, each.image)
        if key not in best or (each.score or 0.0) > (best[key].score or 0.0):
            best[key] = each
    return tuple(sorted(best.values(), key=_order))


def _order(evidence: Evidence) -> tuple[object, ...]:
    """Return a total sort key; absent and empty values differ."""
    post, image, score = evidence.post, evidence.image, evidence.score
    return (post or "", image or "", -(score or 0.0), post is None, image is None, score is None)
