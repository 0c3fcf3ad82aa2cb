"""Union of names into entities, with the reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jmere.knowledge.counting import text_names
from jmere.knowledge.graph import Evidence
from jmere.knowledge.matching import unaccented

ACCENTS = "accents"
"""Reason of merges of names that differ only in accents."""

ALIAS = "alias"
"""Reason of merges that the aliases file says."""

NodeKey = tuple[str, str]
"""Type and normalised name."""

Pair = tuple[int, int]
"""Indices of two names, the lower one first."""

Links = Mapping[tuple[int, str, int], Sequence[Evidence]]
"""Evidence by head index, relation and tail index."""


class Sets:
    """Disjoint sets (union-find) of the integers below ``count``.

    Example:
        >>> sets = Sets(3)
        >>> sets.join(0, 2)
        >>> sets.find(2) == sets.find(0), sets.find(1) == sets.find(0)
        (True, False)
    """

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def find(self, index: int) -> int:
        """Return the representative of the set of ``index``."""
        parents = self._parents
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    def join(self, one: int, other: int) -> None:
        """Merge two sets."""
        first, second = sorted((self.find(one), self.find(other)))
        self._parents[second] = first


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """Minimum evidence to merge two names."""

    score: float
    """Minimum score for one post; gold quintuples have no score and always suffice."""
    posts: int
    """Number of posts that suffice if each has half of ``score``."""

    def met(self, evidence: Iterable[Evidence]) -> bool:
        """Return whether the evidence suffices; near-identical texts count as one post."""
        best: dict[str, float] = {}
        found = list(evidence)
        for key, each in zip(text_names(found), found, strict=True):
            score = 1.0 if each.score is None else each.score
            best[key] = max(score, best.get(key, 0.0))
        sure = sum(score >= self.score / 2 for score in best.values())
        return sure >= self.posts or any(score >= self.score for score in best.values())


def join_accents(keys: Sequence[NodeKey], sets: Sets) -> list[Pair]:
    """Join names that differ only in accents.

    Returns:
        Each joined name, with the alphabetically first of its spellings.
    """
    spellings: dict[NodeKey, list[int]] = defaultdict(list)
    for index, (kind, name) in enumerate(keys):
        spellings[kind, unaccented(name)].append(index)
    pairs = []
    for same in spellings.values():
        if len(same) == 1:
            continue
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


def join_aliases(
    keys: Sequence[NodeKey], sets: Sets, target: Mapping[NodeKey, NodeKey]
) -> list[tuple[int, NodeKey]]:
    """Join names of one canonical name, whether a post has that name or not.

    Returns:
        Each joined name that is not the canonical one, with the canonical key.
    """
    first: dict[NodeKey, int] = {}
    joined = []
    for index, key in enumerate(keys):
        if key not in target:
            continue
        canonical = target[key]
        sets.join(first.setdefault(canonical, index), index)
        if key != canonical:
            joined.append((index, canonical))
    return joined
