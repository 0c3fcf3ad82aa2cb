"""Queries: read only, without other servers, within a time limit, also while a build runs."""

import csv
import io
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pyoxigraph import RdfFormat, parse
from store_posts import POSTS

from jmere.knowledge.store import (
    GraphStore,
    NotAcceptableError,
    QueryError,
    QueryTimeoutError,
    answer_query,
)
from jmere.knowledge.store.media_types import ROWS, accepted_types, choose_type
from jmere.knowledge.store.query_guard import check_query

NAMES = "SELECT ?name { ?node rdfs:label ?name } ORDER BY ?name"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = GraphStore(tmp_path_factory.mktemp("store"))
    made.build(POSTS)
    return made


def test_a_table_is_json_or_what_is_accepted(store):
    answer = answer_query(store, NAMES)
    assert answer.media_type == "application/sparql-results+json"
    rows = json.loads(answer.body)["results"]["bindings"]
    names = [row["name"]["value"] for row in rows]
    assert names == ["Ann", "Beyoncé", "Bob", "Cy", "Di", "Oslo", "Paris"]
    answer = answer_query(store.folder, NAMES, accept="text/html, text/csv;q=0.8, */*;q=0.1")
    assert answer.media_type == "text/csv"
    assert [row["name"] for row in csv.DictReader(io.StringIO(answer.body.decode()))] == names


def test_ask_and_construct(store):
    assert json.loads(answer_query(store, "ASK { ?a a term:Edge }").body)["boolean"] is True
    construct = "CONSTRUCT { ?a rdfs:label ?b } WHERE { ?a rdfs:label ?b }"
    for accept, media_type, form in (
        (None, "text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", "application/n-triples", RdfFormat.N_TRIPLES),
        ("application/ld+json", "application/ld+json", RdfFormat.JSON_LD),
    ):
        answer = answer_query(store, construct, accept=accept)
        assert answer.media_type == media_type
        assert len(list(parse(answer.body, form))) == 7


def test_nothing_acceptable_is_told(store):
    with pytest.raises(NotAcceptableError, match=r"expected one of: application/sparql-results"):
        answer_query(store, NAMES, accept="image/png")


def test_a_query_is_stopped_at_its_limit(store):
    started = time.monotonic()
    with pytest.raises(QueryTimeoutError, match="the query was stopped after 1 seconds"):
        answer_query(store, ENDLESS, seconds=1)
    assert time.monotonic() - started < 20
    assert json.loads(answer_query(store, "ASK {}").body)["boolean"] is True


def test_an_answer_that_is_too_large_is_refused(store):
    with pytest.raises(QueryError, match="larger than 1,000 bytes; add a LIMIT"):
        answer_query(store, "SELECT * { ?a ?b ?c }", max_bytes=1000)


@pytest.fixture
def listener():
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
        "SELECT * { service SILENT<URL>{ ?s ?p ?o } }",
        "SELECT * { #x\n SeRvIcE\n<URL> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <URL> { ?s ?p ?o } }",
        "SELECT * { BIND('''a''' AS ?x) SERVICE <URL> { ?s ?p '''b''' } }",
        "SELECT * { { SELECT * { SERVICE ?x { ?s ?p ?o } VALUES ?x { <URL> } } } }",
        "LOAD <URL>",
        "LOAD <URL> INTO GRAPH <urn:g>",
        "SELECT * FROM <URL> { ?s ?p ?o }",
        "SELECT * FROM NAMED <URL> { GRAPH ?g { ?s ?p ?o } }",
    ],
)
def test_no_address_is_ever_fetched(store, listener, query):
    url, asked = listener
    try:
        answer = json.loads(answer_query(store, query.replace("URL", url)).body)
        assert answer["results"]["bindings"] == []
    except QueryError:
        pass
    assert asked == []


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <urn:a> <urn:b> 1 }",
        "DELETE WHERE { ?s ?p ?o }",
        "DROP ALL",
        "CLEAR DEFAULT",
        "PREFIX a: <urn:a> INSERT { ?s a:x ?o } WHERE { ?s ?p ?o }",
        "SELECT * { ?s ?p ?o } ; DROP ALL",
    ],
)
def test_updates_are_refused_and_change_nothing(store, update):
    before = answer_query(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").body
    with pytest.raises(QueryError):
        answer_query(store, update)
    assert answer_query(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").body == before


@pytest.mark.parametrize("query", ["", "SELECT", "hello", "SELECT * { ?s ?p }", "ASK { x:y a 1 }"])
def test_a_wrong_query_is_told_in_one_line(store, query):
    with pytest.raises(QueryError) as told:
        answer_query(store, query)
    assert "\n" not in str(told.value)


def test_the_word_service_may_stand_in_names_and_texts():
    check_query("SELECT ?service { ?service ex:service 'SERVICE', \"service\"@en . # SERVICE\n }")
    with pytest.raises(QueryError, match="longer than 100,000 characters"):
        check_query("ASK {}" + " " * 100_000)


def test_a_query_sees_the_last_complete_build_while_another_runs(tmp_path):
    store = GraphStore(tmp_path / "store")
    store.build(POSTS[:1])
    count = "SELECT (COUNT(*) AS ?n) { ?edge a term:Edge }"
    seen = []

    def posts():
        yield from POSTS[1:]
        seen.append(answer_query(store, count, accept="text/csv").body)

    store.build(posts())
    seen.append(answer_query(store, count, accept="text/csv").body)
    assert seen == [b"n\r\n1\r\n", b"n\r\n5\r\n"]


def test_a_store_without_a_build_says_so(tmp_path):
    with pytest.raises(ValueError, match="is not a graph store"):
        answer_query(tmp_path, "ASK {}")


def test_the_accept_header_is_read_by_quality():
    assert choose_type(accepted_types("text/*"), ROWS) == "text/csv"
    assert choose_type(accepted_types("a/b;q=1, application/xml;q=0.2, text/csv;q=0"), ROWS) == (
        "application/xml"
    )
    assert choose_type(accepted_types(""), ROWS) == "application/sparql-results+json"
