"""Disjoint sets of names: which of them are one thing, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jmere.knowledge.graph import Evidence
from jmere.knowledge.matching import unaccented

ACCENTS = "accents"
"""The reason by which names are joined that differ in accents alone."""

NodeKey = tuple[str, str]
"""Type and normalised name."""

Pair = tuple[int, int]
"""Places of two names in the list of all, the lower one first."""

Links = Mapping[tuple[int, str, int], Sequence[Evidence]]
"""Evidence by place of the head, relation and place of the tail."""


class Sets:
    """Disjoint sets of the numbers below ``count``."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def find(self, index: int) -> int:
        """The number that stands for the set of ``index``."""
        parents = self._parents
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    def join(self, one: int, other: int) -> None:
        """Make one set of two."""
        first, second = sorted((self.find(one), self.find(other)))
        self._parents[second] = first


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """Evidence that suffices to make two names one node."""

    score: float
    """One post suffices from this score on; gold quintuples have no score and suffice."""
    posts: int
    """So many posts suffice that each have half of ``score``."""

    def met(self, evidence: Iterable[Evidence]) -> bool:
        """Tell whether the posts suffice; a post without id counts as one of its own."""
        best: dict[object, float] = {}
        for number, each in enumerate(evidence):
            key = number if each.post is None else each.post
            score = 1.0 if each.score is None else each.score
            best[key] = max(score, best.get(key, 0.0))
        sure = sum(score >= self.score / 2 for score in best.values())
        return sure >= self.posts or any(score >= self.score for score in best.values())


def join_accents(keys: Sequence[NodeKey], sets: Sets) -> list[Pair]:
    """Join names that differ in accents alone.

    Returns:
        Each name that was joined, with the alphabetically first of its spellings.
    """
    spellings: dict[NodeKey, list[int]] = defaultdict(list)
    for index, (kind, name) in enumerate(keys):
        spellings[kind, unaccented(name)].append(index)
    pairs = []
    for same in spellings.values():
        first, *others = sorted(same, key=keys.__getitem__)
        for other in others:
            sets.join(first, other)
            pairs.append((first, other))
    return pairs


def join_linked(
    keys: Sequence[NodeKey], links: Links, sets: Sets, *, relation: str, threshold: Threshold
) -> None:
    """Join names of one type that enough posts link by ``relation``, in either direction."""
    said: dict[Pair, list[Evidence]] = defaultdict(list)
    for (head, name, tail), evidence in links.items():
        if name == relation and keys[head][0] == keys[tail][0]:
            one, other = sorted((sets.find(head), sets.find(tail)))
            said[one, other] += evidence
    for pair, evidence in said.items():
        if threshold.met(evidence):
            sets.join(*pair)
