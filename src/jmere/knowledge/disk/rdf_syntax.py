"""N-Triples and Turtle as expressions of SQL: the writing of ``jmere.knowledge.rdf``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Any, NamedTuple

from jmere.knowledge.describe import TYPE, Described, RdfTerm
from jmere.knowledge.rdf import RdfNames, prefix_lines, triple_lines, turtle_lines


class Clause(NamedTuple):
    """A property: its verb, and an SQL expression of its value, or of the list of its values.

    A value that is null, or an empty list, makes no triple.
    """

    verb: RdfTerm
    value: str
    several: bool = False


class RdfSyntax:
    """Expressions of terms, literals and resources in one of the two syntaxes."""

    def __init__(self, names: RdfNames, *, turtle: bool) -> None:
        self._names = names
        self._turtle = turtle

    def header(self) -> str:
        """Return what stands before all resources."""
        return "".join(prefix_lines(self._names)) if self._turtle else ""

    def described(self, things: Described) -> Iterator[str]:
        """Yield the text of resources in memory."""
        return (turtle_lines if self._turtle else triple_lines)(things, self._names)

    def term(self, name: RdfTerm) -> str:
        """Return the expression of a fixed term."""
        return quoted(self._names.short(name) if self._turtle else self._names.iri(name))

    def iri(self, prefix: str, local: str, *, plain: bool = False) -> str:
        """Return the expression of the IRI of a local name; a ``plain`` one needs no encoding."""
        before = quoted(f"<{self._names.prefixes[prefix]}")
        encoded = f"({before} || {local if plain else f'URL_ENCODE({local})'} || '>')"
        if not self._turtle:
            return encoded
        short = f"('{prefix}:' || {local})"
        if plain:
            return short
        is_plain = f"REGEXP_FULL_MATCH({local}, '[A-Za-z0-9_][A-Za-z0-9_-]*')"
        return f"(CASE WHEN {is_plain} THEN {short} ELSE {encoded} END)"

    def entity(self, node: str) -> str:
        """Return the expression of a node."""
        return self.iri("entity", node, plain=True)

    def text(self, value: str) -> str:
        """Return the expression of a text that is clean."""
        return string_literal(value)

    def typed(self, value: str, datatype: str) -> str:
        """Return the expression of a literal with a datatype."""
        kind = f"xsd:{datatype}" if self._turtle else f"<{self._names.prefixes['xsd']}{datatype}>"
        return f"({self.text(value)} || {quoted('^^' + kind)})"

    def integer(self, value: str) -> str:
        """Return the expression of a whole number."""
        return self._number(f"({value})::VARCHAR", "integer")

    def decimal(self, value: str) -> str:
        """Return the expression of a decimal number."""
        return self._number(f"DECIMAL_TEXT({value})", "decimal")

    def box(self, field: str) -> str:
        """Return the expression of the corners of a box."""
        corners = f"LIST_TRANSFORM({field}, LAMBDA c: FORMAT('{{:g}}', c))"
        return self.text(f"ARRAY_TO_STRING({corners}, ' ')")

    def resource(self, subject: str, clauses: Sequence[Clause], links: str | None = None) -> str:
        """Return the expression of a resource with its properties.

        Args:
            subject: Expression of its IRI.
            clauses: Its properties.
            links: Expression of a list of further properties, each made by ``link``.
        """
        parts = [self._clause(subject, clause) for clause in clauses]
        if self._turtle:
            if links is not None:
                parts.append(f"ARRAY_TO_STRING({links}, {_NEXT})")
            return (
                f"(CHR(10) || {subject} || ' ' || CONCAT_WS({_NEXT}, {', '.join(parts)}) || {_END})"
            )
        if links is not None:
            # The subject is the same for all: its links are written where it is known.
            parts.append(f"ARRAY_TO_STRING({links}, '')")
        return f"CONCAT({', '.join(parts)})"

    def link(self, subject: str, verb: str, values: str) -> str:
        """Return the expression of a property whose verb differs by row, with a list of values."""
        if self._turtle:
            return f"({verb} || ' ' || ARRAY_TO_STRING({values}, ', '))"
        start = f"{subject} || ' ' || {verb} || ' '"
        return f"ARRAY_TO_STRING(LIST_TRANSFORM({values}, LAMBDA v: {start} || v || {_END}), '')"

    def _clause(self, subject: str, clause: Clause) -> str:
        verb = self._names.short(clause.verb) if self._turtle else self._names.iri(clause.verb)
        if self._turtle:
            start = quoted(f"{'a' if clause.verb == TYPE else verb} ")
            if not clause.several:
                return f"{start} || {clause.value}"
            joined = f"ARRAY_TO_STRING({clause.value}, ', ')"
            return f"CASE WHEN LEN({clause.value}) > 0 THEN {start} || {joined} END"
        start = f"{subject} || {quoted(f' {verb} ')}"
        if not clause.several:
            return f"{start} || {clause.value} || {_END}"
        lines = f"LIST_TRANSFORM({clause.value}, LAMBDA v: {start} || v || {_END})"
        return f"ARRAY_TO_STRING({lines}, '')"

    def _number(self, text: str, datatype: str) -> str:
        if self._turtle:
            return text
        end = quoted(f'"^^<{self._names.prefixes["xsd"]}{datatype}>')
        return f"""('"' || {text} || {end})"""


_END, _NEXT = "' .' || CHR(10)", "' ;' || CHR(10) || '    '"


def string_literal(value: str) -> str:
    """Return the expression of a text that is clean as a string of RDF, or of JSON."""
    return rf"""('"' || REPLACE(REPLACE({value}, '\', '\\'), '"', '\"') || '"')"""


def quoted(text: str) -> str:
    """Return a text as a constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


def register_functions(connection: Any, arrow: Any) -> None:
    """Give the database ``DIGEST``, of joined parts, and ``DECIMAL_TEXT``, of a number."""

    def mapped(one: Callable[[Any], str]) -> Callable[[Any], Any]:
        def of_all(column: Any) -> Any:
            values = [None if value is None else one(value) for value in column.to_pylist()]
            return arrow.array(values, arrow.string())

        return of_all

    for name, kind, one in (("DIGEST", "VARCHAR", _digest), ("DECIMAL_TEXT", "DOUBLE", _decimal)):
        connection.create_function(name, mapped(one), [kind], "VARCHAR", type="arrow")


def _digest(joined: str) -> str:
    return blake2b(joined.encode(), digest_size=8).hexdigest()


def _decimal(number: float) -> str:
    text = repr(number)
    return f"{Decimal(text):f}" if "e" in text else text
