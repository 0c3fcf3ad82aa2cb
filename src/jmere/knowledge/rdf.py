"""Knowledge graphs as RDF: Turtle, N-Triples and JSON-LD, streamed.

The serialisers of rdflib need the whole graph in memory (ten million triples for a million
posts), so lines are written here, from ``jmere.knowledge.describe``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import IO
from urllib.parse import quote

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
from jmere.knowledge.names import clean
from jmere.knowledge.streams import GraphStream

BASE = "urn:jmere:"
"""Default base IRI; an address such as ``https://example.org/`` works too."""

VOCABULARIES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Public vocabularies by prefix."""

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
"""Local names that Turtle accepts without escaping."""


class RdfNames:
    """Prefixes, IRIs and literals under one base IRI.

    Raises:
        ValueError: If ``base`` is not a valid base IRI.
    """

    def __init__(self, base: str = BASE) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*", base):
            raise ValueError(f"{base!r} is not a valid base IRI; expected one such as {BASE!r}")
        self.prefixes = {kind: f"{base}{kind}/" for kind in KINDS} | VOCABULARIES

        self._prefix = {kind: f"<{full}" for kind, full in self.prefixes.items()}
        self._types = {
            kind: f'"^^<{self.prefixes["xsd"]}{kind}>'
            for kind in ("integer", "decimal", "dateTime", "anyURI")
        }
        self.cached_iri = lru_cache(maxsize=1 << 12)(self.iri)
        """``iri`` for terms that come often."""
        self.cached_short = lru_cache(maxsize=1 << 12)(self.short)

    def iri(self, name: RdfTerm | FullIri) -> str:
        """Return the full IRI in angle brackets."""
        if isinstance(name, FullIri):
            return f"<{name.iri}>"
        prefix, local = name
        if not (local.isascii() and local.replace("-", "").replace("_", "").isalnum()):
            local = quote(clean(local), safe="")
        return f"{self._prefix[prefix]}{local}>"

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
            return f"{_quoted(value.text)[:-1]}{self._types[value.datatype]}"
        if isinstance(value, int):
            return f'"{value}{self._types["integer"]}'
        return f'"{decimal_text(value)}{self._types["decimal"]}'


@lru_cache(maxsize=1 << 12)
def _encoded(name: RdfTerm) -> str:
    """Return the percent-encoded local name."""
    return quote(clean(name.local), safe="")


def write_ntriples(graph: GraphStream, stream: IO[str], *, base: str = BASE) -> None:
    """Write N-Triples."""
    stream.writelines(triple_lines(described(graph), RdfNames(base)))


def triple_lines(things: Described, vocabulary: RdfNames) -> Iterator[str]:
    """Yield the lines of N-Triples."""
    iri, cached, literal = vocabulary.iri, vocabulary.cached_iri, vocabulary.literal
    for name, said in things:
        subject = iri(name)
        for verb, values in said.items():
            start = f"{subject} {cached(verb)} "
            for value in values:
                if isinstance(value, str):
                    yield f"{start}{_quoted(value)} .\n"
                elif isinstance(value, (RdfTerm, FullIri)):
                    yield f"{start}{iri(value)} .\n"
                else:
                    yield f"{start}{literal(value)} .\n"


def write_turtle(graph: GraphStream, stream: IO[str], *, base: str = BASE) -> None:
    """Write Turtle: a paragraph for each thing."""
    vocabulary = RdfNames(base)
    stream.writelines(prefix_lines(vocabulary))
    stream.writelines(turtle_lines(described(graph), vocabulary))


def prefix_lines(vocabulary: RdfNames) -> Iterator[str]:
    """Yield the lines of Turtle that stand before all things."""
    for prefix, full in sorted(vocabulary.prefixes.items()):
        yield f"@prefix {prefix}: <{full}> .\n"


def turtle_lines(things: Described, vocabulary: RdfNames) -> Iterator[str]:
    """Yield a paragraph of Turtle for each thing."""
    for name, said in things:
        clauses = " ;\n    ".join(_clause(vocabulary, verb, said[verb]) for verb in said)
        yield f"\n{vocabulary.short(name)} {clauses} .\n"


def write_jsonld(graph: GraphStream, stream: IO[str], *, base: str = BASE) -> None:
    """Write JSON-LD: one context, and a line for each thing."""
    context = json.dumps(RdfNames(base).prefixes, sort_keys=True)
    stream.write(f'{{"@context": {context},\n "@graph": [')
    separator = "\n"
    for name, said in described(graph):
        thing = {"@id": _compact(name)} | {_compact(verb): _json(said[verb]) for verb in said}
        stream.write(separator + json.dumps(thing, ensure_ascii=False))
        separator = ",\n"
    stream.write("\n]}\n")


def _clause(vocabulary: RdfNames, verb: RdfTerm, values: list[Value]) -> str:
    said = "a" if verb is TYPE else vocabulary.cached_short(verb)
    if len(values) == 1:
        return f"{said} {_turtle(vocabulary, values[0])}"
    return f"{said} {', '.join(_turtle(vocabulary, value) for value in values)}"


def _turtle(vocabulary: RdfNames, value: Value) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (RdfTerm, FullIri)):
        return vocabulary.short(value)
    if isinstance(value, Typed):
        return f"{_quoted(value.text)}^^xsd:{value.datatype}"
    return str(value) if isinstance(value, int) else decimal_text(value)


def _compact(name: RdfTerm) -> str:
    return f"{name.prefix}:{_encoded(name)}"


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
    return {"@type": "xsd:decimal", "@value": decimal_text(value)}


def _quoted(text: str) -> str:
    """Return a text in quotes; a cleaned one has no line ends, which need other escapes."""
    text = clean(text)
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def decimal_text(score: float) -> str:
    """Return a number as a decimal of RDF, which has no exponent."""
    # By way of its shortest text: 0.1 as 0.1, not as the nearest binary fraction.
    text = repr(float(score))
    return f"{Decimal(text):f}" if "e" in text else text
