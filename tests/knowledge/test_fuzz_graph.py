"""Any names make files that other programs read with the same nodes and edges."""

import csv
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from rdflib import RDF, RDFS, Graph, Namespace

from jmere.knowledge.drawing.draw import draw
from jmere.knowledge.merge import Merger, merge
from jmere.knowledge.names import is_visible
from jmere.knowledge.write import FORMATS, write_graph
from jmere.records import Entity, Extraction, Quintuple

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")

ODD = (
    *("", "\u00a0", "\u200b", "\ud83d", "\0", "\x1b[2J", "\u0301", "Jay-Z", "Jay\u2011Z", "AT&T"),
    *("AT&amp;T", "The Beatles", "Beatles's", "Beyoncé", "Beyonce", "=cmd()", "+1", "-1", "@a"),
    *("C++", "C#", "a\x1fb", '"', "'", "]]>", "<a>", "\\", "\u2028", "%41", "_:b", "é"),
    *("\u202e", "\r\n", ";|,"),
)  # fmt: skip
NAMES = st.sampled_from(ODD) | st.text(st.characters(codec=None), max_size=8)
TYPES = st.sampled_from(["per", "org"]) | NAMES
ENTITIES = st.tuples(NAMES, TYPES)
SCORES = st.none() | st.floats(0, 1)
RELATIONS = st.sampled_from(["peer", "alternate_names"]) | NAMES
QUINTUPLES = st.tuples(ENTITIES, ENTITIES, RELATIONS, SCORES)
POSTS = st.tuples(st.none() | NAMES, st.none() | NAMES, st.lists(QUINTUPLES, max_size=4))
KIND = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld"}
RDF_RELATION, TERM = "urn:jmere:relation/", Namespace("urn:jmere:term/")
XML = "{http://graphml.graphdrawing.org/xmlns}"


def made(posts):
    """Records of posts; not made by strategies, as the checker of types draws random numbers."""
    return [
        Extraction(
            id=name,
            text="",
            image=image,
            entities=(),
            quintuples=tuple(
                Quintuple(Entity(*head, -1, -1), Entity(*tail, -1, -1), relation, score)
                for head, tail, relation, score in quintuples
            ),
        )
        for name, image, quintuples in posts
    ]


def rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def counts(path, form):
    """Nodes, edges, evidence and merges of a file, as another program reads them."""
    if form == "neo4j":
        nodes, edges = rows(path / "nodes.csv"), rows(path / "relationships.csv")
        assert {edge[":START_ID"] for edge in edges} <= {node["id:ID"] for node in nodes}
    elif form == "graphml":
        root = ElementTree.parse(path).getroot()
        ids = Counter(each.get("id") for name in ("node", "edge") for each in root.iter(XML + name))
        assert set(ids.values()) <= {1}
        read = networkx.read_graphml(path, force_multigraph=True)
        nodes = [data for _, data in read.nodes(data=True)]
        edges = [data for *_, data in read.edges(data=True)]
    elif form == "parquet":
        nodes, edges, evidence = (
            parquet.read_table(path / f"{name}.parquet").to_pylist()
            for name in ("nodes", "edges", "evidence")
        )
        assert {edge[end] for edge in edges for end in ("head", "tail")} <= {n["id"] for n in nodes}
        merges = [merge for node in nodes for merge in json.loads(node["merged"])]
        return (
            len(nodes),
            len(edges),
            sum(row["relation"] is not None for row in evidence),
            sum(max(len(merge["evidence"]), 1) for merge in merges),
        )
    else:
        said = Graph().parse(path, format=KIND[form])
        merges = len(set(said.subjects(RDF.type, TERM.Merge)))
        edges = sum(str(name).startswith(RDF_RELATION) for _, name, _ in said)
        return (
            len(set(said.subjects(RDFS.label))),
            edges,
            len(set(said.subjects(RDF.type, RDF.Statement))),
            merges,
        )
    records = [merge for node in nodes for merge in json.loads(node["merged"])]
    return (
        len(nodes),
        len(edges),
        sum(len(json.loads(edge["evidence"])) for edge in edges),
        sum(max(len(record["evidence"]), 1) for record in records),
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(POSTS, max_size=4))
def test_every_format_reads_back_with_the_same_counts(posts):
    merger = Merger()
    for post in made(posts):
        merger.add(post)
    graph = merger.graph()
    assert all(is_visible(node.label) for node in graph.nodes)
    expected = (
        len(graph.nodes),
        len(graph.edges),
        sum(edge.count for edge in graph.edges),
        sum(max(len(each.evidence), 1) for node in graph.nodes for each in node.merged),
    )
    with TemporaryDirectory() as folder:
        for form in FORMATS:
            path = Path(folder, f"graph.{form}")
            write_graph(graph, path, form)
            assert counts(path, form) == expected, form


@settings(deadline=None)
@given(st.lists(POSTS, max_size=5), st.randoms())
def test_the_order_of_posts_changes_nothing(posts, shuffle):
    graph = merge(made(posts))
    shuffle.shuffle(posts)
    assert merge(made(posts)) == graph


@settings(deadline=None, max_examples=15)
@given(st.lists(POSTS, max_size=3))
def test_any_names_can_be_drawn(posts):
    with TemporaryDirectory() as folder:
        draw(merge(made(posts)), Path(folder, "graph.svg"))
