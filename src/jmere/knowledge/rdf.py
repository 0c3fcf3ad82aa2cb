"""Knowledge graphs as RDF: Turtle, N-Triples and JSON-LD, streamed.

rdflib defines the vocabularies. Its serialisers need the whole graph in
memory (ten million triples for a million posts), so lines are written here, from
``jmere.knowledge.describe``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from types import ModuleType
from typing import IO
from urllib.parse import quote

from jmere.errors import require
from jmere.knowledge.describe import (
    KINDS,
    TYPE,
    Described,
    FullIri,
    RdfTerm,
    Typed,
    Value,
    described,
)
from jmere.knowledge.graph import KnowledgeGraph
from jmere.knowledge.names import clean

BASE = "urn:jmere:"
"""Default base IRI; an address such as ``https://example.org/`` works too."""

SKOSXL = "http://www.w3.org/2008/05/skos-xl#"

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
"""Local names that Turtle accepts without escaping."""


class RdfNames:
    """Prefixes, IRIs and literals under one base IRI.

    Raises:
        ValueError: If ``base`` is not a valid base IRI.
    """

    def __init__(self, base: str = BASE) -> None:
        rdflib: ModuleType = require("rdflib", "graph", "writing RDF")
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*", base):
            raise ValueError(f"{base!r} is not a valid base IRI; expected one such as {BASE!r}")
        public = ("dc", "dcterms", "owl", "prov", "rdf", "rdfs", "skos", "xsd")
        self.prefixes = {kind: f"{base}{kind}/" for kind in KINDS} | {
            name: str(getattr(rdflib, name.upper())) for name in public
        }
        self.prefixes["skosxl"] = SKOSXL

    def iri(self, name: RdfTerm | FullIri) -> str:
        """Return the full IRI in angle brackets."""
        if isinstance(name, FullIri):
            return f"<{name.iri}>"
        return f"<{self.prefixes[name.prefix]}{encoded(name)}>"

    def short(self, name: RdfTerm | FullIri) -> str:
        """Return the prefixed name, if Turtle can write it."""
        if isinstance(name, FullIri) or not _PLAIN.fullmatch(name.local):
            return self.iri(name)
        return f"{name.prefix}:{name.local}"

    def literal(self, value: Typed | str | float) -> str:
        """Return a text, a count, or a score as a decimal, as an N-Triples literal."""
        if isinstance(value, str):
            return _quoted(value)
        if isinstance(value, Typed):
            return f"{_quoted(value.text)}^^<{self.prefixes['xsd']}{value.datatype}>"
        if isinstance(value, int):
            return f'"{value}"^^<{self.prefixes["xsd"]}integer>'
        return f'"{_decimal(value):f}"^^<{self.prefixes["xsd"]}decimal>'


@lru_cache(maxsize=1 << 14)
def encoded(name: RdfTerm) -> str:
    """Return the percent-encoded local name."""
    return quote(clean(name.local), safe="")


def write_ntriples(graph: KnowledgeGraph, stream: IO[str], *, base: str = BASE) -> None:
    """Write N-Triples."""
    for line in triple_lines(described(graph), RdfNames(base)):
        stream.write(line)


def triple_lines(things: Described, vocabulary: RdfNames) -> Iterator[str]:
    """Yield the lines of N-Triples."""
    for name, said in things:
        subject = vocabulary.iri(name)
        for verb, values in said.items():
            predicate = vocabulary.iri(verb)
            for value in values:
                yield f"{subject} {predicate} {_term(vocabulary, value)} .\n"


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
    if isinstance(value, RdfTerm | FullIri):
        return vocabulary.iri(value)
    return vocabulary.literal(value)


def _clause(vocabulary: RdfNames, verb: RdfTerm, values: list[Value]) -> str:
    objects = ", ".join(_turtle(vocabulary, value) for value in values)
    return f"{'a' if verb == TYPE else vocabulary.short(verb)} {objects}"


def _turtle(vocabulary: RdfNames, value: Value) -> str:
    if isinstance(value, RdfTerm | FullIri):
        return vocabulary.short(value)
    if isinstance(value, Typed):
        return f"{vocabulary.literal(value.text)}^^xsd:{value.datatype}"
    if isinstance(value, str):
        return vocabulary.literal(value)
    return str(value) if isinstance(value, int) else f"{_decimal(value):f}"


def _compact(name: RdfTerm) -> str:
    return f"{name.prefix}:{encoded(name)}"


def _json(values: list[Value]) -> list[dict[str, str]]:
    return [_json_value(value) for value in values]


def _json_value(value: Value) -> dict[str, str]:
    if isinstance(value, FullIri):
        return {"@id": value.iri}
    if isinstance(value, RdfTerm):
        return {"@id": _compact(value)}
    if isinstance(value, Typed):
        return {"@type": f"xsd:{value.datatype}", "@value": clean(value.text)}
    if isinstance(value, str):
        return {"@value": clean(value)}
    if isinstance(value, int):
        return {"@type": "xsd:integer", "@value": str(value)}
    return {"@type": "xsd:decimal", "@value": f"{_decimal(value):f}"}


def _quoted(text: str) -> str:
    """Return a text in quotes; a cleaned one has no line ends, which need other escapes."""
    escaped = clean(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _decimal(score: float) -> Decimal:
    # By way of its shortest text: 0.1 as 0.1, not as the nearest binary fraction.
    return Decimal(repr(float(score)))
