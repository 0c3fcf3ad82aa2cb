"""What is fuzzed beside readers of posts: queries and files of graphs, exported models, HTTP."""

import atexit
import json
import socket
import sys
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path

from fuzz import seeds

QUERIES = [
    b"SELECT ?name { ?node rdfs:label ?name } ORDER BY ?name LIMIT 5",
    b"ASK { ?edge term:texts 1 }",
    b"CONSTRUCT { ?a ?p ?b } WHERE { ?a ?p ?b FILTER(?p = rdf:type) OPTIONAL { ?b a ?c } }",
    b"DESCRIBE <urn:jmere:entity/x>",
    b"SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    b"SELECT * { SERVICE <http://localhost/> { ?s ?p ?o } }",
]
ALIASES = b'name,type,canonical,same_as\nUN,org,"United Nations",Q1065\nONU,org,UN,\n'
EXTRACT = {"posts": [{"id": "1", "text": "Ada lives in London", "alt_text": "a woman"}]}
_ANSWER_SECONDS = 20


def store_seeds(folder: Path) -> dict[str, list[bytes]]:
    """Valid inputs of each reader of graphs."""
    from jmere.knowledge.merge import merge
    from jmere.knowledge.write import write_graph

    found = {"aliases": [ALIASES], "sparql": QUERIES}
    graph = merge(_posts())
    for form in ("ttl", "nt", "jsonld"):
        path = folder / f"seed.{form}"
        write_graph(graph, path)
        found[f"rdf-{form}"] = [path.read_bytes()]
    return found


def store_readers(folder: Path) -> dict:
    """What reads each of them."""
    from jmere.knowledge.aliases import read_aliases
    from jmere.knowledge.read_rdf import read_rdf
    from jmere.knowledge.store import GraphStore, answer_query
    from jmere.knowledge.store.query_errors import QueryError

    store = GraphStore(folder / "store")
    store.build(_posts())

    def query(path):
        text = path.read_bytes().decode("utf-8", "replace")
        try:
            return answer_query(store, text, seconds=2, max_bytes=100_000)
        except QueryError as error:
            raise ValueError(str(error)) from error

    def rdf(form, path):
        named = path.with_name(f"input-graph.{form}")
        named.write_bytes(path.read_bytes())
        return read_rdf(named)

    forms = {f"rdf-{form}": partial(rdf, form) for form in ("ttl", "nt", "jsonld")}
    return {"aliases": read_aliases, "sparql": query, **forms}


def _posts() -> list:
    from jmere.records import Extraction

    return [Extraction.from_dict(each) for each in seeds.PREDICTIONS]


def http_seeds() -> list[bytes]:
    """Whole requests, with their headers."""
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nAda in London\r\n'
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + seeds.pictures()[0] + b"\r\n--x--\r\n"
    )
    predictions = {"posts": seeds.PREDICTIONS}
    return [
        _request(b"POST /v1/extract", b"application/json", seeds.json_of(EXTRACT)),
        _request(b"POST /v1/extract", b"multipart/form-data; boundary=x", parts),
        _request(b"POST /v1/graph", b"application/json", json.dumps(predictions).encode()),
        _request(b"POST /sparql", b"application/sparql-query", QUERIES[0]),
        _request(b"POST /sparql", b"application/x-www-form-urlencoded", b"query=ASK+%7B%7D"),
        _request(b"GET /sparql?query=ASK%20%7B%7D", b"", b""),
        *(_request(b"GET " + path, b"", b"") for path in (b"/v1/model", b"/metrics", b"/")),
    ]


def _request(line: bytes, kind: bytes, body: bytes) -> bytes:
    head = [line + b" HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close"]
    if kind:
        head += [b"Content-Type: " + kind, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@cache
def _port(store: Path) -> int:
    """The port of a server that runs until this process ends."""
    sys.path.append(str(Path(__file__).parents[1] / "serve"))
    from serving import serving

    stack = ExitStack()
    at = stack.enter_context(serving(store=store, timeout=10, read_timeout=1, query_timeout=2))
    atexit.register(stack.close)
    return at.port


def answered(store: Path, path: Path) -> bytes:
    """The answer to a request; that of a fault of the server is an error."""
    with socket.create_connection(("127.0.0.1", _port(store)), timeout=_ANSWER_SECONDS) as client:
        received = b""
        try:
            client.sendall(path.read_bytes())
            client.shutdown(socket.SHUT_WR)
            while part := client.recv(1 << 16):
                received += part
        except (ConnectionResetError, BrokenPipeError):
            pass  # the server has answered before the end of a request that it refuses
    status = received[9:12]
    if status.startswith(b"5") and status not in (b"503", b"504"):
        raise AssertionError(f"status {status.decode()}: {received[-500:]!r}")
    return received


def exported_model(model: Path, folder: Path) -> None:
    """The model in the form that runs without torch."""
    from jmere.export import export_onnx

    export_onnx(model, folder)
