"""GraphML, Parquet and Neo4j's files, read by libraries other than the writer's."""

import csv
import re
from datetime import datetime, timezone

import igraph
import ladybug
import pytest
from pyarrow import parquet

from jmere.knowledge.merge import merge
from jmere.knowledge.property import ARRAY_DELIMITER
from jmere.knowledge.schema import EDGE_COLUMNS, EVIDENCE_COLUMNS, NODE_COLUMNS
from jmere.knowledge.write import write_graph
from jmere.records import Entity, Extraction, Quintuple


def post(name, head, relation, tail, score, **origin):
    text = f"{head} and {tail}, said {name}"
    ends = (
        Entity(each, "per", text.find(each), text.find(each) + len(each)) for each in (head, tail)
    )
    first, second = ends
    lone = Entity("Oslo", "loc", -1, -1)
    quintuple = Quintuple(first, second, relation, score)
    return Extraction(name, text, (quintuple,), (first, second, lone), **origin)


GRAPH = merge(
    [
        post("1", "Ann", "peer", "Bob", 0.5, author="u", time="2024-05-01T10:00:00Z"),
        post("2", "ANN", "peer", "Bob", 0.5, author="v", url="http://e.org/2", model="m"),
        post("3", "Bob", "couple", 'Cy, "Jr" =1+1', None, language="en"),
        post("4", "Ann", "alternate_names", "Annie", 0.9),
    ]
)


def test_igraph_reads_graphml(tmp_path):
    write_graph(GRAPH, tmp_path / "graph.graphml")
    read = igraph.Graph.Read_GraphML(str(tmp_path / "graph.graphml"))
    assert read.is_directed()
    assert sorted(read.vs["label"]) == sorted(node.label for node in GRAPH.nodes)
    edge = next(each for each in read.es if each["label"] == "peer")
    assert (edge["count"], edge["texts"], edge["authors"]) == (2, 2, 2)
    assert edge["pooled_score"] == pytest.approx(0.75)
    assert edge["first_time"] == "2024-05-01T10:00:00Z"
    ends = (read.vs[edge.source]["label"], read.vs[edge.target]["label"])
    assert ends == ("Ann", "Bob") or ends == ("ANN", "Bob")


@pytest.fixture
def tables(tmp_path):
    write_graph(GRAPH, tmp_path / "tables", "parquet")
    return {
        name: parquet.read_table(tmp_path / "tables" / f"{name}.parquet")
        for name in ("nodes", "edges", "evidence")
    }


def test_parquet_has_the_columns_of_the_schema(tables):
    for name, columns in (
        ("nodes", NODE_COLUMNS), ("edges", EDGE_COLUMNS), ("evidence", EVIDENCE_COLUMNS),
    ):  # fmt: skip
        assert tables[name].column_names == [column.name for column in columns]
        meaning = tables[name].schema.field(0).metadata[b"description"].decode()
        assert meaning == columns[0].meaning


def test_parquet_has_what_the_graph_has(tables):
    ann = next(row for row in tables["nodes"].to_pylist() if "Annie" in row["names"])
    assert dict(zip(ann["names"], ann["name_counts"], strict=True)) == {
        "Ann": 2, "ANN": 1, "Annie": 1,
    }  # fmt: skip
    edge = next(row for row in tables["edges"].to_pylist() if row["relation"] == "peer")
    assert (edge["count"], edge["texts"], edge["authors"], edge["score"]) == (2, 2, 2, 0.5)
    assert edge["first_time"] == datetime(2024, 5, 1, 10, tzinfo=timezone.utc)
    evidence = [row for row in tables["evidence"].to_pylist() if row["relation"] == "peer"]
    assert [(row["post"], row["head_start"], row["head_end"]) for row in evidence] == [
        ("1", 0, 3),
        ("2", 0, 3),
    ]
    assert (evidence[1]["author"], evidence[1]["url"], evidence[1]["model"]) == (
        "v", "http://e.org/2", "m",
    )  # fmt: skip
    alone = [row for row in tables["evidence"].to_pylist() if row["relation"] is None]
    assert {row["post"] for row in alone} == {"1", "2", "3", "4"}
    assert {(row["tail"], row["head"]) for row in alone} == {
        (None, next(node.id for node in GRAPH.nodes if node.label == "Oslo"))
    }


def test_parquet_is_the_same_bytes_every_time(tmp_path):
    for name in ("a", "b"):
        write_graph(GRAPH, tmp_path / name, "parquet")
    for file in ("nodes", "edges", "evidence"):
        one, other = (tmp_path / name / f"{file}.parquet" for name in ("a", "b"))
        assert one.read_bytes() == other.read_bytes()


_TYPE = (
    "int|long|float|double|boolean|byte|short|char|string|point|date|localtime|time|localdatetime|"
    "datetime|duration"
)
HEADER = re.compile(
    rf"[A-Za-z_]\w*(?::(?:ID|(?:{_TYPE})(?:\[\])?))?|:(?:START_ID|END_ID|TYPE|LABEL)"
)


def test_neo4j_headers_follow_the_documented_rules(tmp_path):
    write_graph(GRAPH, tmp_path / "neo", "neo4j")
    for file, needed in (
        ("nodes.csv", {"id:ID", ":LABEL", "mentions:int", "names:string[]"}),
        ("relationships.csv", {":START_ID", ":END_ID", ":TYPE", "first_time:datetime"}),
    ):
        with (tmp_path / "neo" / file).open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        assert needed <= set(header)
        assert len(set(header)) == len(header)
        for name in header:
            assert HEADER.fullmatch(name), name
        for row in rows:
            for name, cell in zip(header, row, strict=True):
                cells = cell.split(ARRAY_DELIMITER) if name.endswith("[]") and cell else [cell]
                if ":int" in name:
                    assert all(each.isdigit() for each in cells), (name, cell)
                if name.endswith(":double"):
                    assert not cell or 0 <= float(cell) <= 1
                if name.endswith(":datetime"):
                    assert not cell or datetime.fromisoformat(cell.replace("Z", "+00:00"))


def test_an_embedded_cypher_engine_loads_the_tables(tmp_path):
    write_graph(GRAPH, tmp_path / "tables", "parquet")
    database = ladybug.Database(":memory:")
    run = ladybug.Connection(database).execute
    run(
        "CREATE NODE TABLE Entity(id STRING PRIMARY KEY, type STRING, label STRING, "
        "names STRING[], name_counts INT64[], mentions INT64, same_as STRING[], merged STRING)"
    )
    run(
        "CREATE REL TABLE Related(FROM Entity TO Entity, relation STRING, count INT64, "
        "texts INT64, authors INT64, score DOUBLE, pooled_score DOUBLE)"
    )
    run(f"COPY Entity FROM '{tmp_path}/tables/nodes.parquet'")
    run(
        f"COPY Related FROM (LOAD FROM '{tmp_path}/tables/edges.parquet' RETURN head, tail, "
        "relation, count, texts, authors, score, pooled_score)"
    )
    found = run(
        "MATCH (a:Entity)-[r:Related {relation: 'peer'}]->(b:Entity) "
        "RETURN list_contains(a.names, 'Annie'), b.label, r.texts, r.pooled_score"
    )
    assert found.get_next() == [True, "Bob", 2, 0.75]
    assert not found.has_next()
