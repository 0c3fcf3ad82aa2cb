"""N-Triples and Turtle as parts of texts that SQL joins: the writing of ``jmere.knowledge.rdf``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from hashlib import blake2b
from itertools import groupby
from typing import Any, NamedTuple

from jmere.knowledge.describe import TYPE, Described, RdfTerm
from jmere.knowledge.disk.disk_columns import arrow_column
from jmere.knowledge.rdf import RdfNames, prefix_lines, triple_lines, turtle_lines


class Fixed(str):
    """A constant among the parts of a text."""

    __slots__ = ()


TextParts = list[str]
"""What a text is made of: constants, and SQL expressions of texts."""


class Clause(NamedTuple):
    """A property: its verb, and its value.

    A value whose column ``needs`` is null makes no triple.
    """

    verb: RdfTerm
    value: TextParts
    needs: str | None = None


class ListClause(NamedTuple):
    """A property whose values are in a list that ``values`` expresses; an empty one has none."""

    verb: RdfTerm
    values: str


class RdfSyntax:
    """Terms, literals and resources in one of the two syntaxes."""

    def __init__(self, names: RdfNames, *, turtle: bool) -> None:
        self._names = names
        self._turtle = turtle

    def header(self) -> str:
        """Return what stands before all resources."""
        return "".join(prefix_lines(self._names)) if self._turtle else ""

    def described(self, things: Described) -> Iterator[str]:
        """Yield the text of resources in memory."""
        return (turtle_lines if self._turtle else triple_lines)(things, self._names)

    def term(self, name: RdfTerm) -> TextParts:
        """Return a fixed term."""
        return [Fixed(self._names.short(name) if self._turtle else self._names.iri(name))]

    def iri(self, prefix: str, local: str, *, plain: bool = False) -> TextParts:
        """Return the IRI of a local name; a ``plain`` one needs no encoding."""
        encoded = local if plain else f"URL_ENCODE({local})"
        full = [Fixed(f"<{self._names.prefixes[prefix]}"), encoded, Fixed(">")]
        if not self._turtle:
            return full
        short = [Fixed(f"{prefix}:"), local]
        if plain:
            return short
        is_plain = f"REGEXP_FULL_MATCH({local}, '[A-Za-z0-9_][A-Za-z0-9_-]*')"
        return [f"CASE WHEN {is_plain} THEN {joined(short)} ELSE {joined(full)} END"]

    def entity(self, node: str) -> TextParts:
        """Return a node."""
        return self.iri("entity", node, plain=True)

    def text(self, value: str) -> TextParts:
        """Return a text that is clean."""
        return string_literal(value)

    def typed(self, value: str, datatype: str) -> TextParts:
        """Return a literal with a datatype."""
        kind = f"xsd:{datatype}" if self._turtle else f"<{self._names.prefixes['xsd']}{datatype}>"
        return [*self.text(value), Fixed(f"^^{kind}")]

    def integer(self, value: str) -> TextParts:
        """Return a whole number."""
        return self._number(f"{value}::VARCHAR", "integer")

    def decimal(self, value: str) -> TextParts:
        """Return a decimal number."""
        text = f"{value}::VARCHAR"
        short = f"CASE WHEN CONTAINS({text}, 'e') THEN DECIMAL_TEXT({value}) ELSE {text} END"
        return self._number(short, "decimal")

    def box(self, field: str) -> TextParts:
        """Return the corners of a box."""
        corners = f"LIST_TRANSFORM({field}, LAMBDA c: FORMAT('{{:g}}', c))"
        return self.text(f"ARRAY_TO_STRING({corners}, ' ')")

    def resource(
        self, subject: TextParts, clauses: Sequence[Clause | ListClause], links: str | None = None
    ) -> TextParts:
        """Return a resource with its properties; the first is always there.

        Args:
            subject: Its IRI.
            clauses: Its properties.
            links: Expression of a list of further properties, each made by ``link``.
        """
        parts: TextParts = [Fixed("\n"), *subject, Fixed(" ")] if self._turtle else []
        for number, clause in enumerate(clauses):
            before: TextParts = subject if not self._turtle else [Fixed(_NEXT)] if number else []
            parts += self._clause(before, clause)
        if links is not None:
            # In N-Triples the subject is the same for all: they are written where it is known.
            between = quoted(_NEXT if self._turtle else "")
            lines = f"ARRAY_TO_STRING({links}, {between})"
            parts.append(f"{between} || {lines}" if self._turtle else lines)
        return [*parts, Fixed(_END)] if self._turtle else parts

    def link(self, subject: TextParts, verb: TextParts, values: str) -> str:
        """Return the expression of a property whose verb differs by row, with a list of values."""
        if self._turtle:
            return joined([*verb, Fixed(" "), f"ARRAY_TO_STRING({values}, ', ')"])
        line = joined([*subject, Fixed(" "), *verb, Fixed(" "), "v", Fixed(_END)])
        return f"ARRAY_TO_STRING(LIST_TRANSFORM({values}, LAMBDA v: {line}), '')"

    def _clause(self, before: TextParts, clause: Clause | ListClause) -> TextParts:
        verb = self._names.short(clause.verb) if self._turtle else self._names.iri(clause.verb)
        if self._turtle:
            start: TextParts = [*before, Fixed(f"{'a' if clause.verb == TYPE else verb} ")]
            end: TextParts = []
        else:
            start, end = [*before, Fixed(f" {verb} ")], [Fixed(_END)]
        if isinstance(clause, Clause):
            parts = [*start, *clause.value, *end]
            if clause.needs is None:
                return parts
            return [f"CASE WHEN {clause.needs} IS NOT NULL THEN {joined(parts)} END"]
        if self._turtle:
            some = joined([*start, f"ARRAY_TO_STRING({clause.values}, ', ')"])
            return [f"CASE WHEN LEN({clause.values}) > 0 THEN {some} END"]
        line = joined([*start, "v", *end])
        return [f"ARRAY_TO_STRING(LIST_TRANSFORM({clause.values}, LAMBDA v: {line}), '')"]

    def _number(self, text: str, datatype: str) -> TextParts:
        if self._turtle:
            return [text]
        return [Fixed('"'), text, Fixed(f'"^^<{self._names.prefixes["xsd"]}{datatype}>')]


_END, _NEXT = " .\n", " ;\n    "


def joined(parts: TextParts) -> str:
    """Return the expression of a text; one call with all parts, for each copies what it is given.

    A part that is null is empty.

    Example:
        >>> joined([Fixed("<"), Fixed("urn:"), "name", Fixed(">")])
        "CONCAT('<urn:', name, '>')"
    """
    arguments: list[str] = []
    for is_fixed, some in groupby(parts, lambda part: isinstance(part, Fixed)):
        own = list(some)
        arguments += [quoted("".join(own))] if is_fixed else own
    return f"CONCAT({', '.join(arguments)})"


def string_literal(value: str) -> TextParts:
    """Return a text that is clean as a string of RDF, or of JSON."""
    return [Fixed('"'), rf"""REPLACE(REPLACE({value}, '\', '\\'), '"', '\"')""", Fixed('"')]


def quoted(text: str) -> str:
    """Return a text as a constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


def register_functions(connection: Any, arrow: Any) -> None:
    """Give the database ``DIGEST``, of joined parts, and ``DECIMAL_TEXT``, of a number."""

    def mapped(one: Callable[[Any], str]) -> Callable[[Any], Any]:
        def of_all(column: Any) -> Any:
            values = [None if value is None else one(value) for value in column.to_pylist()]
            return arrow_column(arrow, values, arrow.string())

        return of_all

    for name, kind, one in (("DIGEST", "VARCHAR", _digest), ("DECIMAL_TEXT", "DOUBLE", _decimal)):
        connection.create_function(name, mapped(one), [kind], "VARCHAR", type="arrow")


def _digest(joined: str) -> str:
    return blake2b(joined.encode(), digest_size=8).hexdigest()


def _decimal(number: float) -> str:
    text = repr(number)
    return f"{Decimal(text):f}" if "e" in text else text
