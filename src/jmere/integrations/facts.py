"""Results as nodes and edges with provenance, from which graph libraries are filled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jmere.data.origin import origin_of
from jmere.knowledge.names import surface
from jmere.records import Entity, Extraction


@dataclass(frozen=True, slots=True)
class FactNode:
    """A named entity: mentions of one text, whatever its case and spaces, and type are one node.

    Example:
        >>> FactNode.of(Entity("Ann  Lee", "per", 0, 8))
        FactNode(name='Ann Lee', type='per')
    """

    name: str
    type: str

    @classmethod
    def of(cls, entity: Entity) -> FactNode:
        """Return the node of an entity."""
        return cls(surface(entity.text), entity.type)

    @property
    def key(self) -> tuple[str, str]:
        """Return what tells nodes apart."""
        return self.name.casefold(), self.type


@dataclass(frozen=True, slots=True)
class FactEdge:
    """An edge between two nodes, and what says so.

    Its properties are plain values: ``score``, ``post`` (id), ``text``, the offsets ``head_start``,
    ``head_end``, ``tail_start``, ``tail_end``, ``source`` (``text`` or ``picture``), and ``image``,
    ``time``, ``author``, ``url`` where the post has them.
    """

    head: FactNode
    relation: str
    tail: FactNode
    properties: dict[str, Any] = field(default_factory=dict)


def facts_of(found: Extraction, *, min_score: float = 0.0) -> tuple[list[FactNode], list[FactEdge]]:
    """Return the nodes of all entities of a result, and its facts.

    Args:
        found: The result.
        min_score: Facts below are left out.

    Example:
        >>> found = Extraction("1", "Bonn wins", (), (Entity("Bonn", "loc", 0, 4),))
        >>> facts_of(found)
        ([FactNode(name='Bonn', type='loc')], [])
    """
    kept = [each for each in found.quintuples if (each.score or 0.0) >= min_score]
    nodes: dict[tuple[str, str], FactNode] = {}
    for entity in (*found.entities, *(end for each in kept for end in (each.head, each.tail))):
        node = FactNode.of(entity)
        if node.name:
            nodes.setdefault(node.key, node)
    origin = {key: value for key, value in origin_of(found).items() if key != "kept"}
    shared = {"post": found.id, "text": found.text, "image": found.image, **origin, **found.kept}
    facts = []
    for each in kept:
        head, tail = (nodes.get(FactNode.of(end).key) for end in (each.head, each.tail))
        if head is None or tail is None:
            continue
        own = {
            "score": each.score,
            "source": each.source or "text",
            **_offsets("head", each.head),
            **_offsets("tail", each.tail),
        }
        properties = {key: value for key, value in {**shared, **own}.items() if value is not None}
        facts.append(FactEdge(head, each.relation, tail, properties))
    return list(nodes.values()), facts


def _offsets(name: str, entity: Entity) -> dict[str, int]:
    if entity.start < 0:
        return {}
    return {f"{name}_start": entity.start, f"{name}_end": entity.end}
