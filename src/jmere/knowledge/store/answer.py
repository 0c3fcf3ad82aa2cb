"""Read-only SPARQL queries of a store, each in a process that is stopped at its time limit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from jmere.errors import one_line
from jmere.knowledge.rdf import RdfNames
from jmere.knowledge.store.generations import pyoxigraph
from jmere.knowledge.store.graph_store import GraphStore
from jmere.knowledge.store.media_types import accepted_types
from jmere.knowledge.store.query_errors import NotAcceptableError, QueryError, QueryTimeoutError
from jmere.knowledge.store.query_guard import check_query

MAX_ANSWER = 1 << 26
"""Maximum size of an answer, in bytes."""

_MAX_MEMORY = 1 << 32
"""Maximum address space of a query's process, in bytes."""

_ATTEMPTS = 3
"""Times that a query is started again because two builds replaced the graph meanwhile."""


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """The answer to a query."""

    body: bytes
    media_type: str


def answer_query(
    store: str | Path | GraphStore,
    query: str,
    *,
    accept: str | None = None,
    seconds: float = 30.0,
    max_bytes: int = MAX_ANSWER,
) -> QueryAnswer:
    r"""Answer a SPARQL query: SELECT, ASK, CONSTRUCT or DESCRIBE.

    The query reads the graph as of the last complete build, also while another build runs. It
    runs in a process of its own, without ``SERVICE``, updates or ``LOAD``, and is killed at its
    limit. The prefixes of the vocabulary are known without ``PREFIX``.

    Args:
        store: A store or its folder.
        query: The query.
        accept: An ``Accept`` header of HTTP; by default JSON for tables, Turtle for graphs.
        seconds: Time limit.
        max_bytes: Maximum size of the answer.

    Raises:
        ValueError: If there is no store in the folder.
        QueryError: If the query is wrong, not allowed, or its answer too large.
        NotAcceptableError: If nothing that is accepted fits the query.
        QueryTimeoutError: If the query was stopped at the limit.
        MissingExtraError: If the libraries of the extra ``store`` are not installed.

    Example:
        >>> import tempfile
        >>> from jmere import Entity, Post, Quintuple
        >>> head, tail = Entity("Ann", "per", 0, 3), Entity("Bonn", "loc", 13, 17)
        >>> post = Post("Ann lives in Bonn", id="1", quintuples=[Quintuple(head, tail, "lives_in")])
        >>> store = GraphStore(tempfile.mkdtemp())
        >>> _ = store.build([post])
        >>> query = "SELECT ?name { ?who relation:lives_in ?where . ?who rdfs:label ?name }"
        >>> answer_query(store, query, accept="text/csv").body
        b'name\r\nAnn\r\n'
    """
    pyoxigraph()
    check_query(query)
    store = store if isinstance(store, GraphStore) else GraphStore(store)
    request = {
        "query": query,
        "accept": accepted_types(accept),
        "prefixes": RdfNames(store.settings().base).prefixes,
        "seconds": seconds,
        "max_bytes": max_bytes,
        "max_memory": _MAX_MEMORY,
        "parent": os.getpid(),
    }
    message = ""
    for _ in range(_ATTEMPTS):
        header, body = _run({**request, "path": str(store.published())}, seconds)
        message = one_line(ValueError(header["message"]))
        if header["status"] == "ok":
            return QueryAnswer(body, header["media_type"])
        if header["status"] == "not acceptable":
            raise NotAcceptableError(message)
        if header["status"] == "wrong":
            raise QueryError(message)
    raise ValueError(f"{store.folder}: the graph cannot be read: {message}")


def _run(request: dict[str, object], seconds: float) -> tuple[dict[str, str], bytes]:
    """Run the worker; return its first line and the rest."""
    command = [sys.executable, "-m", "jmere.knowledge.store.query_worker"]
    package = Path(__file__).parents[3]
    path = os.pathsep.join(filter(None, (str(package), os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            command,
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
            env={**os.environ, "PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        raise QueryTimeoutError(f"the query was stopped after {seconds:g} seconds") from None
    first, _, body = done.stdout.partition(b"\n")
    if done.returncode < 0:  # a limit of the system ended it
        raise QueryError("the query needs more memory or time than it may have")
    if done.returncode > 0:
        lines = done.stderr.decode(errors="replace").split("\n")
        raise RuntimeError(f"the process of the query failed: {' '.join(lines[-2:]).strip()}")
    return json.loads(first), body
