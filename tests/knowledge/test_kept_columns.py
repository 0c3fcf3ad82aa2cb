"""Columns that ``--keep`` copied from a table are evidence."""

from jmere import Entity, Extraction, Quintuple, merge
from jmere.knowledge.schema import evidence_rows
from jmere.knowledge.streams import MemoryStream

ANN, BONN = Entity("Ann", "per", 0, 3), Entity("Bonn", "loc", 7, 11)
FOUND = Extraction(
    "1", "Ann in Bonn", (Quintuple(ANN, BONN, "residence", 0.5),), (ANN, BONN),
    kept={"place": "Köln", "likes": 3},
)  # fmt: skip


def test_kept_columns_are_evidence_of_edges():
    graph = merge([FOUND])
    (edge,) = graph.edges
    assert edge.evidence[0].kept == '{"likes": 3, "place": "Köln"}'
    assert next(iter(evidence_rows(MemoryStream(graph))))["kept"] == '{"likes": 3, "place": "Köln"}'


def test_posts_without_them_have_none():
    (edge,) = merge([Extraction("1", "Ann in Bonn", FOUND.quintuples, (ANN, BONN))]).edges
    assert edge.evidence[0].kept is None
