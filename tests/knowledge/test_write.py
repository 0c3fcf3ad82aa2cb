import csv
import json
from xml.etree import ElementTree

import networkx
import pytest
from rdflib import RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import PROV

from jmere.knowledge.graph import Edge, Evidence, KnowledgeGraph, Merge, Node
from jmere.knowledge.merge import merge
from jmere.knowledge.property import ARRAY_DELIMITER
from jmere.knowledge.write import as_format, write_graph
from jmere.records import Entity, Extraction, Quintuple

# rdflib's reader of JSON-LD still uses a class of its own that it deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")

HOSTILE = (
    'say "hi"\\',
    "two\nlines\r\nand\ttab",
    "nul\0 bell\x07 c1\x85\x9f",
    "half \ud83d pair \uffff",
    "<script>&amp;]]>",
    "👩‍🚀🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "\u202eמשה دوحة\u202c",
    "",
    "x" * 100_000,
    "a;b,c|d\x1fe",
    "=cmd()",
    "'''",
    '"""',
    "%41 {}^`",
    "\u2028line",
)
RDF_FORMATS = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld"}
ENTITY, TERM = Namespace("urn:jmere:entity/"), Namespace("urn:jmere:term/")

MERGES = (
    Merge(("ONU", "UN"), "alternate_names", (Evidence("9", None, 0.75), Evidence(None))),
    Merge(("ONU", "ÓNU"), "accents"),
)
SMALL = KnowledgeGraph(
    (
        Node("ann-1", "Ann", "per", ("ANN", "Annie"), 3),
        Node("un-2", "UN", "org", ("ONU",), 2, MERGES),
    ),
    (
        Edge("ann-1", "member_of", "un-2", (Evidence("1", "1.jpg", 0.93), Evidence("2"))),
        Edge("ann-1", "peer", "ann-1", (Evidence(None, None, 1e-7),)),
    ),
)


def hostile_graph():
    posts = [
        Extraction(
            id=f"{name[:50]}{number}",
            text="",
            quintuples=(
                Quintuple(
                    Entity(name, f"{name[:20]} type", -1, -1),
                    Entity(f"{number} {name}", "loc", -1, -1),
                    f"{name[:20]} relation",
                    0.5,
                ),
            ),
            entities=(),
            image=f"{name[:20]}.jpg",
        )
        for number, name in enumerate(HOSTILE)
    ]
    return merge(posts)


def written(graph, tmp_path, suffix):
    path = tmp_path / f"graph.{suffix}"
    write_graph(graph, path)
    return Graph().parse(path, format=RDF_FORMATS[suffix])


@pytest.mark.parametrize("suffix", RDF_FORMATS)
def test_rdf_says_what_the_graph_says(tmp_path, suffix):
    said = written(SMALL, tmp_path, suffix)
    ann, un, member = ENTITY["ann-1"], ENTITY["un-2"], URIRef("urn:jmere:relation/member_of")
    assert said.value(ann, RDF.type) == URIRef("urn:jmere:type/per")
    assert said.value(ann, RDFS.label) == Literal("Ann")
    assert set(said.objects(ann, SKOS.altLabel)) == {Literal("ANN"), Literal("Annie")}
    assert (ann, member, un) in said
    assert set(said.objects(un, PROV.wasDerivedFrom)) == {URIRef("urn:jmere:post/9")}

    statements = set(said.subjects(RDF.predicate, member))
    assert len(statements) == 2
    (first,) = said.subjects(PROV.wasDerivedFrom, URIRef("urn:jmere:post/1"))
    assert first in statements
    assert (said.value(first, RDF.subject), said.value(first, RDF.object)) == (ann, un)
    assert float(said.value(first, TERM.score)) == 0.93
    assert said.value(first, TERM.image) == Literal("1.jpg")
    (unsure,) = said.subjects(RDF.predicate, URIRef("urn:jmere:relation/peer"))
    assert float(said.value(unsure, TERM.score)) == 1e-7


@pytest.mark.parametrize("suffix", RDF_FORMATS)
def test_rdf_says_which_names_were_joined_and_why(tmp_path, suffix):
    said = written(SMALL, tmp_path, suffix)
    merges = set(said.subjects(RDF.type, TERM.Merge))
    assert {said.value(merge, TERM.node) for merge in merges} == {ENTITY["un-2"]}
    (by_nine,) = set(said.subjects(PROV.wasDerivedFrom, URIRef("urn:jmere:post/9"))) & merges
    assert set(said.objects(by_nine, TERM.name)) == {Literal("ONU"), Literal("UN")}
    assert float(said.value(by_nine, TERM.score)) == 0.75
    reasons = sorted(str(said.value(merge, TERM.reason)) for merge in merges)
    assert reasons == ["accents", "alternate_names", "alternate_names"]


@pytest.mark.parametrize("graph", [SMALL, hostile_graph(), KnowledgeGraph()])
def test_every_rdf_format_says_the_same(tmp_path, graph):
    turtle, triples, jsonld = (written(graph, tmp_path, suffix) for suffix in RDF_FORMATS)
    assert isomorphic(turtle, triples)
    assert isomorphic(triples, jsonld)
    assert bool(graph.nodes) == (len(turtle) > 2)  # the document and its schema_version


def test_hostile_names_come_back_from_rdf(tmp_path):
    graph = hostile_graph()
    said = written(graph, tmp_path, "ttl")
    assert len(graph.nodes) == 2 * (len(HOSTILE) - 1)  # one name is empty
    assert {node.label for node in graph.nodes} == set(map(str, said.objects(None, RDFS.label)))
    assert {node.id for node in graph.nodes} == {
        str(name).removeprefix(ENTITY) for name in said.subjects(RDFS.label)
    }


def test_hostile_names_come_back_from_graphml(tmp_path):
    graph = hostile_graph()
    write_graph(graph, tmp_path / "graph.graphml")
    read = networkx.read_graphml(tmp_path / "graph.graphml", force_multigraph=True)
    labels = networkx.get_node_attributes(read, "label")
    # An empty text in XML is read as an absent one.
    assert {key: label or "" for key, label in labels.items()} == {
        node.id: node.label for node in graph.nodes
    }


def test_graphml_has_the_evidence(tmp_path):
    write_graph(SMALL, tmp_path / "graph.graphml")
    read = networkx.read_graphml(tmp_path / "graph.graphml", force_multigraph=True)
    assert read.is_directed()
    (edge,) = read.get_edge_data("ann-1", "un-2").values()
    assert (edge["label"], edge["count"], edge["score"]) == ("member_of", 2, 0.93)
    assert json.loads(edge["evidence"]) == [
        {"post": "1", "image": "1.jpg", "score": 0.93},
        {"post": "2"},
    ]
    assert json.loads(read.nodes["ann-1"]["names"]) == ["ANN", "Annie"]


def test_graphml_and_neo4j_have_the_merges(tmp_path):
    write_graph(SMALL, tmp_path / "graph.graphml")
    write_graph(SMALL, tmp_path / "neo", "neo4j")
    node = networkx.read_graphml(tmp_path / "graph.graphml", force_multigraph=True).nodes["un-2"]
    _, row = rows(tmp_path / "neo" / "nodes.csv")
    assert node["merged"] == row["merged"]
    assert json.loads(row["merged"]) == [
        {
            "names": ["ONU", "UN"],
            "reason": "alternate_names",
            "evidence": [{"post": "9", "score": 0.75}, {}],
        },
        {"names": ["ONU", "ÓNU"], "reason": "accents", "evidence": []},
    ]


def elements(path, name):
    return list(ElementTree.parse(path).iter(f"{{http://graphml.graphdrawing.org/xmlns}}{name}"))


def test_ids_in_graphml_are_unique(tmp_path):
    names = ("Ann", "Bob", "Cy", "Di")
    nodes = tuple(Node(name, name, "per") for name in names)
    pairs = [(one, other) for one in names for other in names]
    edges = tuple(
        Edge(one, relation, other, (Evidence("1"),))
        for one, other in pairs
        for relation in ("peer", "couple")
    )
    path = tmp_path / "graph.graphml"
    write_graph(KnowledgeGraph(nodes, edges), path)
    ids = [each.get("id") for name in ("node", "edge") for each in elements(path, name)]
    assert None not in ids
    assert len(set(ids)) == len(ids) == len(nodes) + len(edges)
    read = networkx.read_graphml(path, force_multigraph=True)
    found = {(one, data["label"], other) for one, other, data in read.edges(data=True)}
    assert found == {(edge.head, edge.relation, edge.tail) for edge in edges}


def rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_neo4j_gets_headers_nodes_and_relationships(tmp_path):
    write_graph(SMALL, tmp_path / "neo", "neo4j")
    ann, _ = rows(tmp_path / "neo" / "nodes.csv")
    assert (ann["id:ID"], ann["label"], ann[":LABEL"], ann["mentions:int"]) == (
        "ann-1",
        "Ann",
        "per",
        "3",
    )
    assert ann["names:string[]"].split(ARRAY_DELIMITER) == ["ANN", "Annie"]
    member, peer = rows(tmp_path / "neo" / "relationships.csv")
    assert (member[":START_ID"], member[":TYPE"], member[":END_ID"]) == (
        "ann-1",
        "member_of",
        "un-2",
    )
    assert (member["count:int"], member["score:double"]) == ("2", "0.93")
    assert member["posts:string[]"].split(ARRAY_DELIMITER) == ["1", "2"]
    assert peer["posts:string[]"] == ""


def test_hostile_names_come_back_from_neo4j_on_a_line_each(tmp_path):
    graph = hostile_graph()
    write_graph(graph, tmp_path / "neo", "neo4j")
    path = tmp_path / "neo" / "nodes.csv"
    assert [row["label"] for row in rows(path)] == [node.label for node in graph.nodes]
    assert path.read_bytes().count(b"\n") == 1 + len(graph.nodes)
    nodes = {row["id:ID"] for row in rows(path)}
    for row in rows(tmp_path / "neo" / "relationships.csv"):
        assert {row[":START_ID"], row[":END_ID"]} <= nodes


@pytest.mark.parametrize("suffix", ["ttl", "nt", "jsonld", "graphml"])
def test_names_made_by_hand_cannot_break_a_file(tmp_path, suffix):
    nodes = tuple(Node(str(at), name, name, (name,), 1) for at, name in enumerate(HOSTILE))
    graph = KnowledgeGraph(nodes, (Edge("0", HOSTILE[2], "1", (Evidence(HOSTILE[3]),)),))
    path = tmp_path / f"graph.{suffix}"
    write_graph(graph, path)
    if suffix == "graphml":
        assert len(networkx.read_graphml(path)) == len(HOSTILE)
    else:
        read = Graph().parse(path, format=RDF_FORMATS[suffix])
        assert len(set(read.subjects(RDFS.label))) == len(HOSTILE)


@pytest.mark.parametrize("suffix", RDF_FORMATS)
def test_the_base_is_the_callers(tmp_path, suffix):
    path = tmp_path / f"graph.{suffix}"
    write_graph(SMALL, path, base="https://example.org/kg/")
    names = Graph().parse(path, format=RDF_FORMATS[suffix]).subjects(RDFS.label)
    assert URIRef("https://example.org/kg/entity/ann-1") in set(names)


@pytest.mark.parametrize("base", ["no iri", "", "urn:a b", "https://x/>"])
def test_a_base_that_begins_no_iri_is_refused(tmp_path, base):
    with pytest.raises(
        ValueError, match="is not a valid base IRI; expected one such as 'urn:jmere:'"
    ):
        write_graph(SMALL, tmp_path / "graph.ttl", base=base)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["ttl", "nt", "jsonld", "graphml"])
def test_the_same_graph_gives_the_same_bytes(tmp_path, suffix):
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    write_graph(hostile_graph(), first)
    write_graph(hostile_graph(), second)
    assert first.read_bytes() == second.read_bytes()


def test_the_format_is_named_or_shown_by_the_suffix():
    assert as_format(None, "a/graph.TTL") == "ttl"
    assert as_format("nt", "graph.txt") == "nt"
    with pytest.raises(ValueError, match=r"graph\.txt: unknown suffix; expected \.ttl"):
        as_format(None, "graph.txt")
    with pytest.raises(ValueError, match="unknown format 'turtel'; did you mean 'ttl'"):
        as_format("turtel", "graph")


def test_a_folder_is_replaced_whole_and_only_if_it_is_ours(tmp_path):
    folder = tmp_path / "neo"
    write_graph(SMALL, folder, "neo4j")
    write_graph(KnowledgeGraph(), folder, "neo4j")
    assert rows(folder / "nodes.csv") == []
    assert [path.name for path in tmp_path.iterdir()] == ["neo"]

    (folder / "thesis.tex").touch()
    with pytest.raises(
        ValueError, match=r"neo: contains 'thesis\.tex', which was not written by jmere"
    ):
        write_graph(SMALL, folder, "neo4j")
    assert rows(folder / "nodes.csv") == []
    with pytest.raises(ValueError, match=r"thesis\.tex: is a file; expected a folder"):
        write_graph(SMALL, folder / "thesis.tex", "neo4j")
