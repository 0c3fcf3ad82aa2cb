"""``POST /v1/graph``: the results of many requests as one knowledge graph."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, Request, Response

from jmere.knowledge.graph import KnowledgeGraph, Node
from jmere.knowledge.merge import merge
from jmere.knowledge.schema import edge_row, evidence_records, merge_record
from jmere.knowledge.write import write_graph
from jmere.records import Extraction
from jmere.serve.api_errors import ApiError
from jmere.serve.bodies import checked_type
from jmere.serve.json_bodies import parse_body
from jmere.serve.lane import Lane
from jmere.serve.openapi import GRAPH_OPERATION, GRAPH_TYPES
from jmere.serve.request_models import GraphRequest
from jmere.serve.serve_config import ServeConfig
from jmere.serve.service import Service
from jmere.terminal import json_line

_VALUES = 8
"""Results are longer than posts: so many times the values of a request of posts."""


def graph_routes(service: Service) -> APIRouter:
    """Make the route that merges results."""
    routes = APIRouter()
    lane = Lane(seconds=service.config.timeout)

    @routes.post("/v1/graph", name="graph", **GRAPH_OPERATION)
    async def graph(request: Request) -> Response:
        """Merge results into a knowledge graph; nothing of it is kept by the server."""
        checked_type(request, ("application/json",))
        async with service.bodies.body(request) as body:
            return await lane.run(_merged, body, service.config)

    return routes


def _merged(body: bytes, config: ServeConfig) -> Response:
    given = parse_body(GraphRequest, body, max_values=_VALUES * config.max_values)
    options: dict[str, Any] = {} if given.merge_names else {"alternate_names": None}
    results = (_result(value, index) for index, value in enumerate(given.results))
    merged = merge(results, min_score=given.min_score, **options)
    if given.format == "json":
        content = json_line(merged_to_json(merged)).encode()
    else:
        content = _file(merged, given.format)
    return Response(content, media_type=GRAPH_TYPES[given.format])


def _result(value: dict[str, Any], index: int) -> Extraction:
    try:
        return Extraction.from_dict(value)
    except ValueError as error:
        raise ApiError(422, "invalid", str(error), where=f"results[{index}]") from None


def merged_to_json(graph: KnowledgeGraph) -> dict[str, object]:
    """Convert a graph to JSON: nodes and edges, each edge with its score, count and evidence.

    Example:
        >>> from jmere import merge
        >>> merged_to_json(merge([]))
        {'nodes': [], 'edges': []}
    """
    return {
        "nodes": [_node(node) for node in graph.nodes],
        "edges": [
            {**edge_row(edge), "evidence": evidence_records(edge.evidence)} for edge in graph.edges
        ],
    }


def _node(node: Node) -> dict[str, object]:
    return {
        "id": node.id,
        "label": node.label,
        "type": node.type,
        "names": list(node.names),
        "mentions": node.mentions,
        "merged": [merge_record(merge) for merge in node.merged],
    }


def _file(graph: KnowledgeGraph, form: Any) -> bytes:
    with TemporaryDirectory(prefix="jmere-") as folder:
        path = Path(folder) / f"graph.{form}"
        write_graph(graph, path, form)
        return path.read_bytes()
