"""Knowledge graphs as RDF: Turtle, N-Triples and JSON-LD, one thing at a time.

rdflib knows the vocabularies and quotes the literals. Its serialisers, though, take a graph in
rdflib's own form, which for a million posts holds ten million triples; so the lines are put
together here, as ``jmere.knowledge.describe`` says what there is to write.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from types import ModuleType
from typing import IO
from urllib.parse import quote

from jmere.errors import require
from jmere.knowledge.describe import KINDS, TYPE, RdfTerm, Value, described
from jmere.knowledge.graph import KnowledgeGraph
from jmere.knowledge.names import clean

BASE = "urn:jmere:"
"""What our IRIs begin with, before their kind and a slash; ``https://example.org/`` does too."""

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
"""Local names that Turtle takes as they are."""


class RdfNames:
    """Prefixes, full names and literals, under one base.

    Raises:
        ValueError: If ``base`` can begin no IRI.
    """

    def __init__(self, base: str = BASE) -> None:
        self._rdflib: ModuleType = require("rdflib", "graph", "writing RDF")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*", base):
            raise ValueError(f"{base!r} begins no IRI; expected one such as {BASE!r}")
        public = ("dcterms", "prov", "rdf", "rdfs", "skos", "xsd")
        self.prefixes = {kind: f"{base}{kind}/" for kind in KINDS} | {
            name: str(getattr(self._rdflib, name.upper())) for name in public
        }

    def iri(self, name: RdfTerm) -> str:
        """A name in full, in angle brackets."""
        return f"<{self.prefixes[name.prefix]}{encoded(name)}>"

    def short(self, name: RdfTerm) -> str:
        """A name by its prefix, where Turtle can write it so."""
        plain = _PLAIN.fullmatch(name.local)
        return f"{name.prefix}:{name.local}" if plain else self.iri(name)

    def literal(self, value: str | float) -> str:
        """A text, or a score as a decimal number, as N-Triples writes them."""
        term = clean(value) if isinstance(value, str) else _decimal(value)
        return str(self._rdflib.Literal(term).n3())


def encoded(name: RdfTerm) -> str:
    """What follows the prefix, percent-encoded."""
    return quote(clean(name.local), safe="")


def write_ntriples(graph: KnowledgeGraph, stream: IO[str], *, base: str = BASE) -> None:
    """Write N-Triples."""
    vocabulary = RdfNames(base)
    for name, said in described(graph):
        subject = vocabulary.iri(name)
        for verb, values in said.items():
            predicate = vocabulary.iri(verb)
            for value in values:
                stream.write(f"{subject} {predicate} {_term(vocabulary, value)} .\n")


def write_turtle(graph: KnowledgeGraph, stream: IO[str], *, base: str = BASE) -> None:
    """Write Turtle: a paragraph for each thing."""
    vocabulary = RdfNames(base)
    for prefix, full in sorted(vocabulary.prefixes.items()):
        stream.write(f"@prefix {prefix}: <{full}> .\n")
    for name, said in described(graph):
        clauses = " ;\n    ".join(_clause(vocabulary, verb, said[verb]) for verb in said)
        stream.write(f"\n{vocabulary.short(name)} {clauses} .\n")


def write_jsonld(graph: KnowledgeGraph, stream: IO[str], *, base: str = BASE) -> None:
    """Write JSON-LD: one context, and a line for each thing."""
    context = json.dumps(RdfNames(base).prefixes, sort_keys=True)
    stream.write(f'{{"@context": {context},\n "@graph": [')
    separator = "\n"
    for name, said in described(graph):
        thing = {"@id": _compact(name)} | {_compact(verb): _json(said[verb]) for verb in said}
        stream.write(separator + json.dumps(thing, ensure_ascii=False))
        separator = ",\n"
    stream.write("\n]}\n")


def _term(vocabulary: RdfNames, value: Value) -> str:
    return vocabulary.iri(value) if isinstance(value, RdfTerm) else vocabulary.literal(value)


def _clause(vocabulary: RdfNames, verb: RdfTerm, values: list[Value]) -> str:
    objects = ", ".join(
        vocabulary.short(value)
        if isinstance(value, RdfTerm)
        else vocabulary.literal(value)
        if isinstance(value, str)
        else f"{_decimal(value):f}"
        for value in values
    )
    return f"{'a' if verb == TYPE else vocabulary.short(verb)} {objects}"


def _compact(name: RdfTerm) -> str:
    return f"{name.prefix}:{encoded(name)}"


def _json(values: list[Value]) -> list[dict[str, str]]:
    return [
        {"@id": _compact(value)}
        if isinstance(value, RdfTerm)
        else {"@value": clean(value)}
        if isinstance(value, str)
        else {"@type": "xsd:decimal", "@value": f"{_decimal(value):f}"}
        for value in values
    ]


def _decimal(score: float) -> Decimal:
    # By way of its shortest text: 0.1 as 0.1, not as the nearest binary fraction.
    return Decimal(repr(float(score)))
