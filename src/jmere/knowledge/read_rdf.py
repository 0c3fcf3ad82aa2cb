"""Nodes and edges read back from an RDF file that jmere wrote, without their evidence."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jmere.errors import DataError, Problem, one_line, require
from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Node
from jmere.knowledge.rdf import BASE

RDF_SUFFIXES = (".ttl", ".nt", ".jsonld")
_MAX_BYTES = 1 << 30

_LABEL, _OTHER = "2000/01/rdf-schema#label", "2004/02/skos/core#altLabel"
_TYPE = "1999/02/22-rdf-syntax-ns#type"


def read_rdf(path: str | Path, *, base: str = BASE) -> KnowledgeGraph:
    """Read names, types, relations and scores.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: If it is no RDF, too large, or was written with another base IRI.
    """
    oxigraph: Any = require("pyoxigraph", "store", "reading RDF")
    path = Path(path)
    if path.stat().st_size > _MAX_BYTES:
        raise DataError(Problem(str(path), None, f"is longer than {_MAX_BYTES:,} bytes"))
    form = oxigraph.RdfFormat.from_extension(path.suffix.lower()[1:])
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    try:
        for quad in oxigraph.parse(path=str(path), format=form):
            verb = quad.predicate.value.removeprefix("http://www.w3.org/")
            said[quad.subject.value][verb].append(getattr(quad.object, "value", ""))
    except (SyntaxError, ValueError) as error:
        raise DataError(Problem(str(path), None, f"not RDF: {one_line(error)}")) from None
    try:
        graph = KnowledgeGraph(_nodes(said, base), _edges(said, base))
    except (IndexError, ValueError):
        message = "has an edge without its ends, or a count or score that is no number"
        raise DataError(Problem(str(path), None, message)) from None
    if said and not graph.nodes and f"{base}term/graph" not in said:
        message = f"has no graph with the base IRI {base!r}"
        raise DataError(Problem(str(path), None, message))
    return graph


def _nodes(said: dict[str, dict[str, list[str]]], base: str) -> tuple[Node, ...]:
    start, kind, mentions = f"{base}entity/", f"{base}type/", f"{base}term/mentions"
    nodes = (
        Node(
            id=_local(name, start),
            label=values[_LABEL][0],
            type=_local(values[_TYPE][0], kind),
            names=tuple(values.get(_OTHER, ())),
            mentions=int(values.get(mentions, ["0"])[0]),
        )
        for name, values in said.items()
        if name.startswith(start) and values.get(_LABEL) and values.get(_TYPE)
    )
    return tuple(sorted(nodes, key=lambda node: node.id))


def _edges(said: dict[str, dict[str, list[str]]], base: str) -> tuple[Edge, ...]:
    term = f"{base}term/"
    edges = []
    for values in said.values():
        if values.get(_TYPE) != [f"{term}Edge"]:
            continue
        head, tail = (
            _local(values[f"{term}{end}"][0], f"{base}entity/") for end in ("head", "tail")
        )
        relation = _local(values[f"{term}relation"][0], f"{base}relation/")
        scores = values.get(f"{term}pooledScore")
        evidence = Evidence(None, score=float(scores[0]) if scores else None)
        edges.append(Edge(head, relation, tail, (evidence,)))
    return tuple(sorted(edges, key=lambda edge: (edge.head, edge.relation, edge.tail)))


def _local(name: str, start: str) -> str:
    return unquote(name.removeprefix(start))
