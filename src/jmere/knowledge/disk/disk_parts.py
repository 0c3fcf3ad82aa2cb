"""Nodes of one name and evidence, a part at a time, with what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from jmere.knowledge.disk.disk_columns import arrow_module, number_column, numbers_of, one_batch
from jmere.knowledge.disk.disk_rows import OrderedRows
from jmere.knowledge.disk.disk_text import Members, changes, codes


class NodePart(NamedTuple):
    """Some nodes of one name each."""

    nodes: Any
    """Batch with ``node`` and ``kind``."""
    forms: Any
    """Batch with the spellings, the most frequent first, and their ``mentions``."""
    members: Members
    """To which node each spelling belongs."""

    @property
    def mentions(self) -> Any:
        """Return the number of mentions of each node."""
        starts = np.flatnonzero(self.members.is_first)
        counts = numbers_of(self.forms.column("mentions"))
        return number_column(np.add.reduceat(counts, starts))

    def belonging(self, rows: Any, column: str) -> tuple[Any, Members]:
        """Return the rows that belong to these nodes, in their order."""
        compute = arrow_module("pyarrow.compute")
        spots = compute.index_in(rows.column(column), value_set=self.nodes.column("node"))
        known = spots.is_valid()
        owners = numbers_of(spots.drop_null())
        return rows.filter(known), Members(owners, len(self.nodes))


def node_parts(connection: Any) -> Iterator[NodePart]:
    """Yield the nodes of one name, sorted by id."""
    for forms in OrderedRows(connection, "SELECT * FROM single", "node").groups():
        is_first = changes(codes(forms.column("node")))
        nodes = forms.filter(number_column(is_first))
        yield NodePart(nodes, forms, Members(np.cumsum(is_first) - 1, len(nodes)))


class EdgePart(NamedTuple):
    """Some evidence, with its edges."""

    evidence: Any
    edges: Any
    owners: Any
    """Number of the edge of each evidence, among these, as an array of NumPy."""
    first: Any
    """Row in ``edges`` of evidence that is the first of its edge, as a column; others have none."""
    last: Any
    """The same for the last of each edge."""


def edge_parts(connection: Any) -> Iterator[EdgePart]:
    """Yield the evidence, sorted by edge; that of one edge may be in several parts."""
    rows = OrderedRows(connection, "SELECT *, rowid AS number FROM edge", "first")
    place, before = 0, None
    for evidence in OrderedRows(connection, "SELECT * FROM evidence", "head"):
        edges = rows.until(place + len(evidence) - 1)
        if before is not None:
            edges = one_batch([before, edges])
        spots = np.arange(place, place + len(evidence))
        starts = numbers_of(edges.column("first"))
        ends = starts + numbers_of(edges.column("count"))
        owners = np.searchsorted(starts, spots, side="right") - 1
        first = number_column(owners, missing=starts[owners] != spots)
        last = number_column(owners, missing=ends[owners] != spots + 1)
        yield EdgePart(evidence, edges, owners, first, last)
        place += len(evidence)
        before = edges.slice(len(edges) - 1) if ends[-1] > place else None
