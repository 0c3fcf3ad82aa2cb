"""Likely merges: pairs of nodes whose names or neighbours are alike, for a person to decide."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import IO, Any

from jmere.errors import require
from jmere.knowledge.graph import KnowledgeGraph, Node
from jmere.knowledge.matching import normalised, unaccented
from jmere.knowledge.merge import ALTERNATE_NAMES

COLUMNS = ("name", "type", "canonical", "same_as", "score", "reason")
"""Columns of the candidates; an aliases file is read with them too."""

_MAX_BLOCK = 100
"""Nodes with one word in common that are compared; more common words tell nothing."""

_PART, _INITIALS = 0.8, 0.85
"""Likeness of a name that is a part, or the initials, of the other."""

_ALIKE = 0.6
"""Likeness up to which two names have nothing in common."""

_NAME_WEIGHT, _NEIGHBOUR_WEIGHT = 0.9, 0.5
_LINKED = 0.3
"""Factor for two nodes with a relation between them, as two persons have."""

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class MergeCandidate:
    """Two nodes that may be one thing; a row of an aliases file."""

    name: str
    type: str
    canonical: str
    score: float
    """From 0 to 1."""
    reason: str


def merge_candidates(
    graph: KnowledgeGraph, *, min_score: float = 0.4, alternate_names: str | None = ALTERNATE_NAMES
) -> list[MergeCandidate]:
    """List likely merges, the most likely first.

    Args:
        graph: The graph.
        min_score: Least score, from 0 to 1.
        alternate_names: The relation between two names of one thing.

    Raises:
        MissingExtraError: If the libraries of the extra ``store`` are not installed.

    Example:
        >>> nodes = [Node("a", "Cristiano Ronaldo", "per"), Node("b", "Christiano Ronaldo", "per")]
        >>> [found] = merge_candidates(KnowledgeGraph(tuple(nodes)))
        >>> found.name, found.canonical, found.reason
        ('Cristiano Ronaldo', 'Christiano Ronaldo', 'names 97% alike')
    """
    fuzz = require("rapidfuzz.fuzz", "store", "a review of names")
    nodes = {node.id: node for node in graph.nodes}
    links = _Links(graph, alternate_names)
    names = {node.id: _names(node) for node in graph.nodes}
    found = []
    for one, other in _pairs(graph.nodes, names, links.stated):
        likeness, why = _likeness(fuzz, names[one], names[other])
        score, reasons = (
            max(0.0, (likeness - _ALIKE) / (1 - _ALIKE)) * _NAME_WEIGHT,
            [why if likeness > _ALIKE else ""],
        )
        if shared := links.shared(one, other):
            fewest = min(len(links.near[one]), len(links.near[other]))
            share = len(shared) / fewest * (1 - 0.5 ** len(shared))
            score = 1 - (1 - score) * (1 - _NEIGHBOUR_WEIGHT * share)
            shown = ", ".join(
                sorted(nodes[each].label for each in shared if each in nodes)[:_SHOWN]
            )
            reasons.append(f"{len(shared)} shared neighbours: {shown}")
        if (stated := links.stated.get((one, other))) is not None:
            score = 1 - (1 - score) * (1 - stated)
            reasons.append(f"a post says so, score {stated:.2f}")
        elif links.are_linked(one, other):
            score *= _LINKED
            reasons.append("a relation links them")
        if score >= min_score:
            found.append(
                _candidate(nodes[one], nodes[other], score, "; ".join(filter(None, reasons)))
            )
    return sorted(found, key=lambda it: (-it.score, it.type, it.canonical, it.name))


def write_candidates(candidates: Iterable[MergeCandidate], stream: IO[str]) -> None:
    """Write candidates as CSV; the rows that a person keeps are an aliases file."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for it in candidates:
        writer.writerow((it.name, it.type, it.canonical, "", f"{it.score:.3f}", it.reason))


class _Links:
    """Neighbours of nodes, and pairs that posts say are one."""

    def __init__(self, graph: KnowledgeGraph, alternate_names: str | None) -> None:
        self.near: dict[str, set[str]] = defaultdict(set)
        self.stated: dict[tuple[str, str], float] = {}
        for edge in graph.edges:
            if edge.head == edge.tail:
                continue
            pair = (min(edge.head, edge.tail), max(edge.head, edge.tail))
            if edge.relation == alternate_names:
                score = edge.pooled_score or 0.0
                self.stated[pair] = max(score, self.stated.get(pair, 0.0))
            else:
                self.near[edge.head].add(edge.tail)
                self.near[edge.tail].add(edge.head)

    def shared(self, one: str, other: str) -> set[str]:
        return self.near.get(one, set()) & self.near.get(other, set())

    def are_linked(self, one: str, other: str) -> bool:
        return other in self.near.get(one, ())


def _names(node: Node) -> tuple[str, ...]:
    return tuple(dict.fromkeys(unaccented(normalised(name)) for name in (node.label, *node.names)))


def _pairs(
    nodes: Iterable[Node],
    names: Mapping[str, tuple[str, ...]],
    stated: Iterable[tuple[str, str]],
) -> Iterator[tuple[str, str]]:
    """Yield pairs of one type with something in common: a word, its start, initials, a post."""
    kinds = {node.id: node.type for node in nodes}
    blocks: dict[tuple[str, str], set[str]] = defaultdict(set)
    for node, own in names.items():
        for name in own:
            for key in _keys(name):
                blocks[kinds[node], key].add(node)
    seen: set[tuple[str, str]] = set()
    for pair in stated:
        if all(node in kinds for node in pair) and kinds[pair[0]] == kinds[pair[1]]:
            seen.add(pair)
    for block in blocks.values():
        if len(block) <= _MAX_BLOCK:
            seen.update(combinations(sorted(block), 2))
    yield from sorted(seen)


def _keys(name: str) -> Iterator[str]:
    words = re.findall(r"\w+", name)
    squeezed = "".join(words)
    for word in words:
        yield f"word {word}"
    yield f"start {squeezed[:4]}"
    yield f"end {squeezed[-4:]}"
    yield f"initials {squeezed if len(words) == 1 else ''.join(word[0] for word in words)}"


def _likeness(fuzz: Any, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[float, str]:
    """Return the likeness of the most similar names, and how they are alike."""
    return max(_alike(fuzz, first, second) for first in one for second in other)


def _alike(fuzz: Any, one: str, other: str) -> tuple[float, str]:
    first, second = re.findall(r"\w+", one), re.findall(r"\w+", other)
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return 0.0, ""
    ratio = max(fuzz.ratio("".join(first), "".join(second)), fuzz.token_sort_ratio(one, other))
    found = [(ratio / 100, f"names {ratio:.0f}% alike")]
    if first != second and (set(first) < set(second) or set(second) < set(first)):
        found.append((_PART, "one name is a part of the other"))
    for short, long in ((first, second), (second, first)):
        if len(short) == 1 and len(long) > 1 and short[0] == "".join(word[0] for word in long):
            found.append((_INITIALS, "one name is the initials of the other"))
    return max(found)


def _candidate(one: Node, other: Node, score: float, reason: str) -> MergeCandidate:
    # The name that more texts use stays; of two alike the longer one.
    name, canonical = sorted((one, other), key=lambda it: (it.mentions, len(it.label), it.label))
    return MergeCandidate(name.label, one.type, canonical.label, round(score, 3), reason)
