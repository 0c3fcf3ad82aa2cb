"""N-Triples and Turtle as parts of texts that are joined by columns: ``jmere.knowledge.rdf``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from jmere.knowledge.describe import TYPE, Described, RdfTerm
from jmere.knowledge.disk.disk_columns import arrow_column, arrow_module, constant, mapped
from jmere.knowledge.disk.disk_text import (
    Members,
    TextParts,
    changes,
    chosen,
    codes,
    escaped,
    joined,
    taken,
)
from jmere.knowledge.rdf import RdfNames, decimal_text, prefix_lines, triple_lines, turtle_lines

_SAFE = "^[A-Za-z0-9_.~-]*$"
"""Local names without a character that is encoded."""

_SHORT = "^[A-Za-z0-9_][A-Za-z0-9_-]*$"
"""Local names that Turtle writes with a prefix."""

_END, _NEXT = " .\n", " ;\n    "


class Clause(NamedTuple):
    """A property: its verb, and its value; there is none where the value is null."""

    verb: RdfTerm
    value: TextParts


class ListClause(NamedTuple):
    """A property with several values, which are members of the resources."""

    verb: RdfTerm | TextParts
    """The same for all, or of each value."""
    value: TextParts
    members: Members


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
        return [self._names.short(name) if self._turtle else self._names.iri(name)]

    def iri(self, prefix: str, local: Any, *, plain: bool = False) -> TextParts:
        """Return the IRIs of a column of local names; ``plain`` ones need no encoding."""
        short = [f"{prefix}:", local]
        if self._turtle and (plain or _all_match(local, _SHORT)):
            return short
        encoded = local if plain or _all_match(local, _SAFE) else mapped(local, _encoded)
        full = [f"<{self._names.prefixes[prefix]}", encoded, ">"]
        if not self._turtle:
            return full
        compute = arrow_module("pyarrow.compute")
        is_short = compute.match_substring_regex(local, _SHORT)
        return [compute.if_else(is_short, joined(short), joined(full))]

    def entity(self, node: Any) -> TextParts:
        """Return nodes."""
        return self.iri("entity", node, plain=True)

    def text(self, value: Any) -> TextParts:
        """Return texts that are clean."""
        return string_literal(value)

    def typed(self, value: Any, datatype: str) -> TextParts:
        """Return literals with a datatype."""
        kind = f"xsd:{datatype}" if self._turtle else f"<{self._names.prefixes['xsd']}{datatype}>"
        return [*self.text(value), f"^^{kind}"]

    def integer(self, value: Any) -> TextParts:
        """Return whole numbers."""
        return self._number(value.cast("string"), "integer")

    def decimal(self, value: Any) -> TextParts:
        """Return decimal numbers."""
        return self._number(mapped(value, decimal_text), "decimal")

    def box(self, value: Any) -> TextParts:
        """Return the corners of boxes."""
        corners = [
            None if box is None else " ".join(f"{corner:g}" for corner in box)
            for box in value.to_pylist()
        ]
        return self.text(arrow_column(corners, arrow_module().string()))

    def resource(self, subject: TextParts, clauses: Sequence[Clause | ListClause]) -> TextParts:
        """Return resources with their properties; the first is a ``Clause`` without nulls."""
        parts: TextParts = ["\n", *subject, " "] if self._turtle else []
        for number, clause in enumerate(clauses):
            before: TextParts = subject if not self._turtle else [_NEXT] if number else []
            if isinstance(clause, Clause):
                parts += self._clause(before, clause)
            else:
                parts.append(self._list(subject, clause))
        return [*parts, _END] if self._turtle else parts

    def _clause(self, before: TextParts, clause: Clause) -> TextParts:
        parts: TextParts = [*before, self._verb(clause.verb), *clause.value]
        if not self._turtle:
            parts.append(_END)
        columns = [part for part in clause.value if not isinstance(part, str)]
        if any(column.null_count == len(column) for column in columns if len(column)):
            return []
        return [joined(parts, absent=True)] if any(each.null_count for each in columns) else parts

    def _list(self, subject: TextParts, clause: ListClause) -> Any:
        members = clause.members
        if not len(members.owners):
            return ""
        verb: TextParts = (
            clause.verb if isinstance(clause.verb, list) else [self._verb(clause.verb)]
        )
        if not self._turtle:
            return members.texts([*taken(subject, members.owners), *verb, *clause.value, _END])
        start = joined([_NEXT, *verb])
        keys = [members.owners] if isinstance(start, str) else [members.owners, codes(start)]
        before = chosen(
            changes(*keys), constant(start) if isinstance(start, str) else start, constant(", ")
        )
        return members.texts([before, *clause.value])

    def verbs(self, prefix: str, local: Any) -> TextParts:
        """Return the verbs of a column of local names."""
        iris = self.iri(prefix, local)
        return [*iris, " "] if self._turtle else [" ", *iris, " "]

    def _verb(self, verb: RdfTerm) -> str:
        if self._turtle:
            return f"{'a' if verb == TYPE else self._names.short(verb)} "
        return f" {self._names.iri(verb)} "

    def _number(self, text: Any, datatype: str) -> TextParts:
        if self._turtle:
            return [text]
        return ['"', text, f'"^^<{self._names.prefixes["xsd"]}{datatype}>']


def _all_match(column: Any, pattern: str) -> bool:
    compute = arrow_module("pyarrow.compute")
    found = compute.all(compute.match_substring_regex(column, pattern), min_count=0)
    return bool(found.as_py())


def _encoded(name: str) -> str:
    return quote(name, safe="")


def string_literal(value: Any) -> TextParts:
    """Return texts that are clean as strings of RDF, or of JSON."""
    return ['"', escaped(value, ("\\", "\\\\"), ('"', '\\"')), '"']
