"""The documented queries run, and the shapes hold, in libraries other than the writer's."""

import re
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import QueryTriples, RdfFormat, Store
from pyshacl import validate
from rdflib import Graph, Literal, URIRef

from jmere.knowledge.aliases import Alias, Aliases
from jmere.knowledge.merge import merge
from jmere.knowledge.rdf import VOCABULARIES, RdfNames
from jmere.knowledge.shacl import shacl_shapes
from jmere.knowledge.store import GraphStore, answer_query
from jmere.knowledge.write import write_graph
from jmere.records import Entity, Extraction, Quintuple

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rdf.md"
QUERIES = re.findall(r"```sparql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
BOX = (1.0, 2.5, 30.0, 40.0)


def post(name, text, head, relation, tail, score, **origin):
    ends = []
    for label, kind in (head, tail):
        start = text.find(label)
        span = (start, start + len(label)) if start >= 0 else (-1, -1)
        ends.append(Entity(label, kind, *span, BOX if start < 0 else None))
    source = "picture" if ends[0].box else None
    paris = Entity("Paris", "loc", -1, -1)
    quintuple = Quintuple(*ends, relation, score, source)
    return Extraction(name, text, (quintuple,), (*ends, paris), model="small", **origin)


ANN, BO, NASA, AGENCY = ("Ann Lee", "per"), ("Bo", "per"), ("NASA", "org"), ("the Agency", "org")
POSTS = [
    post("1", "Ann Lee flies with NASA", ANN, "member_of", NASA, 0.8, author="u",
         time="2024-05-02", url="https://e.org/<1>", language="en"),
    post("2", "RT @u: Ann Lee flies with NASA", ANN, "member_of", NASA, 0.7, author="v"),
    post("3", "nasa has hired Bo", BO, "member_of", ("nasa", "org"), 0.4, author="v",
         image="3.jpg"),
    post("4", "NASA, the Agency", NASA, "alternate_names", AGENCY, 0.9, author="w"),
    post("5", "a jersey", ANN, "peer", BO, 0.5, author="w", time="2024-06-02"),
]  # fmt: skip
ALIASES = Aliases([Alias("NASA", "org", "NASA", "http://www.wikidata.org/entity/Q23548")])


@pytest.fixture(scope="module")
def graph():
    return merge(POSTS, aliases=ALIASES, keep_text=True)


@pytest.fixture(scope="module")
def turtle(graph, tmp_path_factory):
    path = tmp_path_factory.mktemp("graph") / "graph.ttl"
    write_graph(graph, path)
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = GraphStore(tmp_path_factory.mktemp("store"))
    made.build(POSTS, settings={"aliases": ALIASES.rows})
    return made


def test_there_are_ten_queries():
    assert len(QUERIES) == 10


def rows_of(found):
    """Rows of pyoxigraph or triples, as sets of texts."""
    if isinstance(found, QueryTriples):
        return {tuple(term.value for term in (t.subject, t.predicate, t.object)) for t in found}
    return {tuple("" if term is None else term.value for term in row) for row in found}


def test_vocabularies_are_those_of_rdflib():
    own = {name: iri for name, iri in VOCABULARIES.items() if name != "skosxl"}
    assert own == {name: str(getattr(rdflib, name.upper())) for name in own}


@pytest.mark.parametrize("number", range(10))
def test_a_documented_query_has_the_same_answer_everywhere(turtle, store, number):
    query, prefixes = QUERIES[number], RdfNames().prefixes
    memory = Store()
    memory.load(path=str(turtle), format=RdfFormat.TURTLE)
    expected = rows_of(memory.query(query, prefixes=prefixes))
    assert expected
    found = Graph().parse(turtle).query(query, initNs=prefixes)
    # rdflib writes the zone of a time in its own way.
    texts = (["" if term is None else str(term) for term in row] for row in found)
    assert {tuple(text.replace("+00:00", "Z") for text in row) for row in texts} == expected
    answer = answer_query(store, query, accept="text/csv, application/n-triples")
    lines = answer.body.decode().splitlines()
    assert len(lines) == len(expected) + (answer.media_type == "text/csv")


ANSWERS = {
    0: ("Ann Lee", "urn:jmere:relation/member_of", "NASA", "1", "0.8"),
    1: ("Ann Lee",),
    2: ("1", "2024-05-02T00:00:00Z", "u", "0", "7", "0.8"),
    3: ("nasa", "1"),
    4: ("NASA", "the Agency", "alternate_names"),
    5: ("Bo", "urn:jmere:relation/member_of", "NASA"),
    6: ("Ann Lee", "urn:jmere:relation/member_of", "NASA", "2024-05-02T00:00:00Z"),
    7: ("Ann Lee", "NASA", "Bo"),
    8: ("NASA", "http://www.wikidata.org/entity/Q23548"),
}


@pytest.mark.parametrize("number", ANSWERS)
def test_a_documented_query_finds_what_the_posts_say(turtle, number):
    memory = Store()
    memory.load(path=str(turtle), format=RdfFormat.TURTLE)
    assert ANSWERS[number] in rows_of(memory.query(QUERIES[number], prefixes=RdfNames().prefixes))


@pytest.mark.parametrize("base", ["urn:jmere:", "https://e.org/kg/"])
def test_the_shapes_hold(graph, tmp_path, base):
    path = tmp_path / "graph.ttl"
    write_graph(graph, path, base=base)
    shapes = Graph().parse(data=shacl_shapes(base), format="turtle")
    conforms, _, text = validate(Graph().parse(path), shacl_graph=shapes)
    assert conforms, text


@pytest.mark.parametrize(
    ("verb", "value"),
    [
        (
            "pooledScore",
            Literal("1.5", datatype=URIRef("http://www.w3.org/2001/XMLSchema#decimal")),
        ),
        ("texts", Literal(9)),
        ("head", URIRef("urn:jmere:entity/nowhere")),
        ("firstTime", Literal("yesterday")),
    ],
)
def test_the_shapes_find_what_is_wrong(turtle, verb, value):
    graph = Graph().parse(turtle)
    edge = next(graph.subjects(None, URIRef("urn:jmere:term/Edge")))
    graph.set((edge, URIRef(f"urn:jmere:term/{verb}"), value))
    shapes = Graph().parse(data=shacl_shapes(), format="turtle")
    assert not validate(graph, shacl_graph=shapes)[0]
