"""``GET`` and ``POST /sparql``: the SPARQL 1.1 Protocol for queries, read only."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response

from jmere.errors import one_line
from jmere.knowledge.store.answer import QueryAnswer, answer_query
from jmere.knowledge.store.query_errors import NotAcceptableError, QueryError, QueryTimeoutError
from jmere.serve.api_errors import ApiError
from jmere.serve.bodies import checked_type
from jmere.serve.lane import Lane
from jmere.serve.openapi import SPARQL_GET, SPARQL_POST
from jmere.serve.service import Service

_QUERY, _FORM = "application/sparql-query", "application/x-www-form-urlencoded"

_MAX_FIELDS = 16
_THREADS = 2


def sparql_routes(service: Service, store: Path) -> APIRouter:
    """Make the routes that query a graph store."""
    routes = APIRouter()
    seconds = service.config.query_timeout
    lane = Lane(seconds=service.config.timeout + seconds, threads=_THREADS)

    async def answer(request: Request, query: str) -> Response:
        accept = ", ".join(request.headers.getlist("accept"))
        found = await lane.run(_answered, store, query, accept, seconds)
        return Response(found.body, media_type=found.media_type, headers={"Vary": "Accept"})

    @routes.get("/sparql", name="query", **SPARQL_GET)
    async def get(request: Request) -> Response:
        """Query the graph store with the parameter `query`."""
        return await answer(request, _query_of(request.url.query))

    @routes.post("/sparql", name="query_by_post", **SPARQL_POST)
    async def post(request: Request) -> Response:
        """Query the graph store with a query in the body, alone or as a field of a form."""
        kind = checked_type(request, (_QUERY, _FORM))
        async with service.bodies.body(request) as body:
            try:
                text = body.decode()
            except UnicodeDecodeError:
                raise ApiError(400, "bad_request", "the body is not UTF-8", where="body") from None
            if kind == _FORM:
                return await answer(request, _query_of(text))
            if request.url.query:
                _query_of(f"query=&{request.url.query}")
            return await answer(request, text)

    return routes


def _query_of(encoded: str) -> str:
    """The query in the parameters of a request; what the store cannot do is refused."""
    try:
        fields = parse_qs(encoded, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise ApiError(400, "bad_request", "too many parameters", where="query") from None
    if "update" in fields:
        raise ApiError(400, "read_only", "updates are not allowed", where="update")
    for name in ("default-graph-uri", "named-graph-uri"):
        if name in fields:
            message = "the store has one graph; the parameter is not supported"
            raise ApiError(400, "bad_request", message, where=name)
    if len(fields.get("query", ())) != 1:
        raise ApiError(400, "bad_request", "expected the parameter once", where="query")
    return fields["query"][0]


def _answered(store: Path, query: str, accept: str, seconds: float) -> QueryAnswer:
    try:
        return answer_query(store, query, accept=accept or None, seconds=seconds)
    except NotAcceptableError as error:
        raise ApiError(406, "not_acceptable", one_line(error), where="Accept") from None
    except QueryTimeoutError as error:
        raise ApiError(503, "timeout", one_line(error), headers={"Retry-After": "5"}) from None
    except QueryError as error:
        raise ApiError(400, "invalid_query", one_line(error), where="query") from None
