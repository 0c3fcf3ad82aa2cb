import pytest
from serving import error_of, serving

from jmere.records import Entity, Post, Quintuple
from jmere.serve.security import HEADERS

pytest.importorskip("pyoxigraph", reason="needs the extra store")

NAMES = "SELECT ?name { ?who relation:lives_in ?where . ?who rdfs:label ?name }"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = {"Content-Type": "application/sparql-query"}


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    from jmere.knowledge.store import GraphStore

    folder = tmp_path_factory.mktemp("store")
    head, tail = Entity("Ann", "per", 0, 3), Entity("Bonn", "loc", 13, 17)
    quintuple = Quintuple(head, tail, "lives_in")
    GraphStore(folder).build([Post("Ann lives in Bonn", id="1", quintuples=[quintuple])])
    with serving(store=folder, query_timeout=20, max_body=200_000) as running:
        yield running


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("GET", {"params": {"query": NAMES}}),
        ("POST", {"data": {"query": NAMES}}),
        ("POST", {"content": NAMES, "headers": QUERY}),
    ],
)
def test_a_query_comes_in_any_of_three_ways(at, method, options):
    response = at.client.request(method, "/sparql", **options)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/sparql-results+json")
    rows = response.json()["results"]["bindings"]
    assert [row["name"]["value"] for row in rows] == ["Ann"]
    assert response.headers["x-frame-options"] == HEADERS["X-Frame-Options"]


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        (NAMES, "text/csv", "text/csv"),
        (NAMES, "application/sparql-results+xml", "application/sparql-results+xml"),
        ("ASK { ?s ?p ?o }", "*/*", "application/sparql-results+json"),
        ("CONSTRUCT WHERE { ?s relation:lives_in ?o }", "text/turtle", "text/turtle"),
        (NAMES, "text/csv;q=0.1, text/tab-separated-values", "text/tab-separated-values"),
    ],
)
def test_the_answer_has_the_form_that_is_accepted(at, query, accept, kind):
    response = at.client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert response.headers["content-type"].startswith(kind)


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"params": {"query": "SELECT nonsense"}}, 400, "invalid_query"),
        ({"params": {"query": "INSERT DATA { <a:a> <a:b> <a:c> }"}}, 400, "invalid_query"),
        ({"params": {"query": "LOAD <http://127.0.0.1/>"}}, 400, "invalid_query"),
        (
            {"params": {"query": "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"}},
            400,
            "invalid_query",
        ),
        ({"params": {"update": "CLEAR ALL"}}, 400, "read_only"),
        ({"params": {}}, 400, "bad_request"),
        ({"params": {"query": [NAMES, NAMES]}}, 400, "bad_request"),
        ({"params": {"query": NAMES, "default-graph-uri": "http://x"}}, 400, "bad_request"),
        ({"params": {"query": NAMES}, "headers": {"Accept": "image/png"}}, 406, "not_acceptable"),
    ],
)
def test_what_is_no_readable_query_is_refused(at, options, status, code):
    error_of(at.client.get("/sparql", **options), status, code)


def test_updates_and_bodies_of_other_types_are_refused(at):
    response = at.client.post("/sparql", data={"update": "CLEAR ALL"})
    error_of(response, 400, "read_only")
    headers = {"Content-Type": "application/sparql-update"}
    error_of(at.client.post("/sparql", content="CLEAR ALL", headers=headers), 415,
             "unsupported_media_type")  # fmt: skip
    error_of(at.client.post("/sparql", content=b"\xff", headers=QUERY), 400, "bad_request")
    error_of(at.client.post("/sparql", content=b"x" * 300_000, headers=QUERY), 413, "too_large")
    error_of(at.client.put("/sparql"), 405, "method_not_allowed")


def test_a_query_that_takes_too_long_is_stopped(tmp_path):
    from jmere.knowledge.store import GraphStore

    ends = [Entity(f"n{n}", "per", 3 * n, 3 * n + 2) for n in range(10)]
    quintuples = [Quintuple(a, b, "knows") for a in ends for b in ends if a is not b]
    GraphStore(tmp_path).build(
        [Post(" ".join(e.text for e in ends), id="1", quintuples=quintuples)]
    )
    long = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(9)) + " }"
    with serving(store=tmp_path, query_timeout=0.5) as at:
        error_of(at.client.get("/sparql", params={"query": long}), 503, "timeout")
        assert at.client.get("/healthz").status_code == 200


def test_without_a_store_there_is_no_endpoint():
    with serving() as at:
        error_of(at.client.get("/sparql", params={"query": NAMES}), 404, "not_found")
