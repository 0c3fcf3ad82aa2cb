"""From names, mentions and claims to nodes and edges: the one place where names become nodes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jmere.knowledge.aliases import Aliases
from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Merge, Node
from jmere.knowledge.names import identifier
from jmere.knowledge.unify import (
    ACCENTS,
    ALIAS,
    Links,
    NodeKey,
    Pair,
    Sets,
    Threshold,
    join_accents,
    join_aliases,
    join_linked,
)


@dataclass(frozen=True, kw_only=True)
class MergeRules:
    """When two names are one node; ``merge`` explains the options."""

    alternate_names: str | None
    threshold: Threshold
    fold_accents: bool
    aliases: Aliases = field(default_factory=Aliases)


@dataclass(frozen=True)
class Groups:
    """Names grouped into nodes."""

    roots: list[int]
    """Representative of each name's group."""
    ids: dict[int, str]
    """Node id of each representative."""
    kinds: dict[int, str]
    canonical: dict[int, NodeKey]
    """Canonical key of the groups that an aliases file names."""
    spelled: list[Pair]
    aliased: list[tuple[int, NodeKey]]

    def id_of(self, index: int) -> str:
        """Return the node id of a name."""
        return self.ids[self.roots[index]]


def group_names(keys: Sequence[NodeKey], links: Links, rules: MergeRules) -> Groups:
    """Group names into nodes.

    Args:
        keys: Types and normalised names.
        links: Evidence between names; only that of ``rules.alternate_names`` matters.
        rules: When two names are one.
    """
    sets = Sets(len(keys))
    spelled = join_accents(keys, sets) if rules.fold_accents else []
    aliased = join_aliases(keys, sets, rules.aliases.target)
    if rules.alternate_names is not None:
        join_linked(keys, links, sets, relation=rules.alternate_names, threshold=rules.threshold)
    roots = [sets.find(index) for index in range(len(keys))]
    first: dict[int, NodeKey] = {}
    canonical: dict[int, NodeKey] = {}
    for key, root in zip(keys, roots, strict=True):
        first[root] = min(first.get(root, key), key)
        if key in rules.aliases.target:
            named = rules.aliases.target[key]
            canonical[root] = min(canonical.get(root, named), named)
    ids = {root: identifier(*canonical.get(root, key)) for root, key in first.items()}
    kinds = {root: key[0] for root, key in first.items()}
    return Groups(roots, ids, kinds, canonical, spelled, aliased)


@dataclass(frozen=True)
class Assembly:
    """What posts say, by the indices of names."""

    keys: Sequence[NodeKey]
    forms: Sequence[Counter[str]]
    """Mentions by each spelling of a name."""
    mentions: Mapping[int, Sequence[Evidence]]
    """Posts with a name outside quintuples."""
    claims: Mapping[tuple[int, str, int], Sequence[Evidence]]
    """Evidence by head, relation and tail."""
    known: Mapping[int, str] = field(default_factory=dict)
    """Node ids of further names, from ``len(keys)`` on, which make no nodes here."""

    def graph(self, rules: MergeRules) -> KnowledgeGraph:
        """Return the nodes of the names, and the edges of all claims, each sorted by id."""
        groups = group_names(self.keys, self._links(rules), rules)
        edges, named = self._edges(groups, rules)
        merges = self._merges(groups, named, rules)
        nodes = self._nodes(groups, merges, rules)
        return KnowledgeGraph(
            tuple(sorted(nodes, key=lambda node: node.id)),
            tuple(sorted(edges, key=lambda edge: (edge.head, edge.relation, edge.tail))),
        )

    def _links(self, rules: MergeRules) -> Links:
        inner = len(self.keys)
        return {
            link: evidence
            for link, evidence in self.claims.items()
            if link[1] == rules.alternate_names and link[0] < inner and link[2] < inner
        }

    def _edges(
        self, groups: Groups, rules: MergeRules
    ) -> tuple[list[Edge], dict[Pair, list[Evidence]]]:
        """Collect edges between nodes, and evidence of merges within a node."""
        found: dict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
        named: dict[Pair, list[Evidence]] = defaultdict(list)
        for (head, relation, tail), evidence in self.claims.items():
            ends = tuple(
                self.known[end] if end in self.known else groups.id_of(end) for end in (head, tail)
            )
            if relation == rules.alternate_names and ends[0] == ends[1]:
                named[min(head, tail), max(head, tail)] += evidence
            else:
                found[ends[0], relation, ends[1]] += evidence
        return [Edge(*link, distinct_evidence(evidence)) for link, evidence in found.items()], named

    def _merges(
        self, groups: Groups, named: Mapping[Pair, Sequence[Evidence]], rules: MergeRules
    ) -> dict[int, list[Merge]]:
        merges: dict[int, list[Merge]] = defaultdict(list)
        for pair in groups.spelled:
            merges[groups.roots[pair[0]]].append(self._merge(pair, ACCENTS, []))
        for index, canonical in groups.aliased:
            names = sorted((self._name(index), rules.aliases.labels[canonical]))
            merges[groups.roots[index]].append(Merge((names[0], names[1]), ALIAS))
        for pair, evidence in named.items():
            reason = str(rules.alternate_names)
            merges[groups.roots[pair[0]]].append(self._merge(pair, reason, evidence))
        return merges

    def _merge(self, pair: Pair, reason: str, evidence: Iterable[Evidence]) -> Merge:
        one, other = sorted(map(self._name, pair))
        return Merge((one, other), reason, distinct_evidence(evidence))

    def _name(self, index: int) -> str:
        return _by_frequency(self.forms[index])[0]

    def _nodes(
        self, groups: Groups, merges: Mapping[int, list[Merge]], rules: MergeRules
    ) -> Iterable[Node]:
        members: dict[int, list[int]] = defaultdict(list)
        for index, root in enumerate(groups.roots):
            members[root].append(index)
        for root, own in members.items():
            forms: Counter[str] = Counter()
            for index in own:
                forms.update(self.forms[index])
            names = _by_frequency(forms)
            same_as: tuple[str, ...] = ()
            if root in groups.canonical:
                label = rules.aliases.labels[groups.canonical[root]]
                names = [label, *(name for name in names if name != label)]
                same_as = rules.aliases.same_as.get(groups.canonical[root], ())
            mentions = (it for index in own for it in self.mentions.get(index, ()))
            yield Node(
                id=groups.ids[root],
                label=names[0],
                type=groups.kinds[root],
                names=tuple(names[1:]),
                mentions=forms.total(),
                merged=tuple(sorted(merges.get(root, []), key=lambda it: (it.names, it.reason))),
                counts=tuple(forms[name] for name in names),
                same_as=same_as,
                evidence=distinct_evidence(mentions),
            )


def _by_frequency(forms: Counter[str]) -> list[str]:
    # Of equally frequent names one without the mark of a hashtag is nicer to read.
    if len(forms) == 1:
        return list(forms)
    return sorted(forms, key=lambda form: (-forms[form], form.startswith(("#", "@")), form))


def distinct_evidence(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Sort evidence and keep the highest score of each post."""
    evidence = tuple(evidence)
    if len(evidence) < 2:
        return evidence
    best: dict[object, Evidence] = {}
    for number, each in enumerate(evidence):
        key = number if each.post is None else (each.post, each.image)
        if key not in best or _rank(each) < _rank(best[key]):
            best[key] = each
    return tuple(sorted(best.values(), key=_order))


def _order(evidence: Evidence) -> tuple[object, ...]:
    """Return a total sort key; absent and empty values differ."""
    post, image = evidence.post, evidence.image
    return (post or "", image or "", post is None, image is None, *_rank(evidence))


def _rank(evidence: Evidence) -> tuple[object, ...]:
    """Return a total sort key of evidence of one post, best first."""
    it, score = evidence, evidence.score
    places = (it.head_start, it.head_end, it.tail_start, it.tail_end)
    boxes = (it.head_box or (), it.tail_box or ())
    texts = (it.model, it.time, it.author, it.url, it.language, it.text_id, it.text, it.kept)
    return (
        -(score or 0.0),
        score is None,
        it.source != "text",
        tuple(-1 if place is None else place for place in places),
        boxes,
        tuple((text is None, text or "") for text in texts),
    )
