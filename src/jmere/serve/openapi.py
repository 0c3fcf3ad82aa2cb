"""The parts of the OpenAPI description that the framework cannot derive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from jmere import __version__
from jmere.serve.request_models import ExtractRequest, GraphRequest, SceneRequest

_REF = "#/components/schemas/{model}"
_BINARY = {"type": "string", "format": "binary"}


class ErrorBody(BaseModel):
    """What is wrong with a request."""

    code: str = Field(description="Short name of the error, for programs.")
    message: str = Field(description="One line for people.")
    where: str | None = Field(description="Path of the wrong field, such as `posts[0].text`.")


class ErrorResponse(BaseModel):
    """The body of every error."""

    error: ErrorBody


_ERRORS = {
    400: "The body cannot be read.",
    401: "There is no valid API key.",
    408: "The body did not arrive in time.",
    413: "The body is too large, or has too many posts.",
    415: "The body is of another media type.",
    422: "A field is wrong; `where` is its path.",
    429: "Too many requests wait; `Retry-After` says when to try again.",
    503: "No result in time, or the server is starting or stopping.",
}


def operation(
    body: Mapping[str, Any], *, result: Mapping[str, Any], description: str
) -> dict[str, Any]:
    """Describe an operation with a body: arguments of the framework's route."""
    errors: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorResponse, "description": text} for status, text in _ERRORS.items()
    }
    answer = {"description": description, "content": dict(result)}
    return {
        "responses": {200: answer, **errors},
        "openapi_extra": {"requestBody": {"required": True, "content": dict(body)}},
    }


def _ref(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": _REF.format(model=model.__name__)}}


def _form(properties: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    schema = {"type": "object", "properties": dict(properties), "required": required}
    return {"schema": {**schema, "additionalProperties": False}}


_OBJECT: dict[str, Any] = {"type": "object"}
_SPAN = {"type": "integer"}
_ENTITY = {
    "type": "object",
    "properties": {"start": _SPAN, "end": _SPAN, "type": {"type": "string"},
                   "text": {"type": "string"}, "visible": {"type": "number"},
                   "score": {"type": "number"}},
    "required": ["start", "end", "type"],
}  # fmt: skip
_QUINTUPLE = {
    "type": "object",
    "properties": {"head": _ENTITY, "tail": _ENTITY, "relation": {"type": "string"},
                   "score": {"type": "number"}},
    "required": ["head", "tail", "relation"],
}  # fmt: skip
_SCENE = {
    "type": "object",
    "properties": {
        "objects": {"type": "array", "items": _OBJECT},
        "relations": {"type": "array", "items": _OBJECT},
        "size": {"type": "array", "items": {"type": "integer"}},
    },
    "required": ["objects", "relations"],
}
_RESULT = {
    "type": "object",
    "properties": {
        "schema_version": {"type": "integer"},
        "id": {"type": "string"},
        "text": {"type": "string"},
        "quintuples": {"type": "array", "items": _QUINTUPLE},
        "entities": {"type": "array", "items": _ENTITY},
        "names": {"type": "array", "items": _ENTITY},
        "scene_graph": _SCENE,
        "groundings": {"type": "array", "items": _OBJECT},
        "warnings": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["schema_version", "text", "quintuples", "entities"],
}

EXTRACT = operation(
    {
        "application/json": _ref(ExtractRequest),
        "multipart/form-data": _form(
            {
                "post": {"type": "string", "description": "The post as JSON, or the fields below."},
                "id": {"type": "string"},
                "text": {"type": "string"},
                "alt_text": {"type": "string"},
                "time": {"type": "string"},
                "author": {"type": "string"},
                "url": {"type": "string"},
                "language": {"type": "string"},
                "image": _BINARY,
            },
            [],
        ),
    },
    result={
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"results": {"type": "array", "items": _RESULT}},
                "required": ["results"],
            }
        }
    },
    description="One result per post, as `jmere extract` writes it.",
)

SCENE = operation(
    {
        "application/json": _ref(SceneRequest),
        "multipart/form-data": _form({"image": _BINARY}, ["image"]),
        "image/*": {"schema": _BINARY},
    },
    result={"application/json": {"schema": _SCENE}},
    description="Objects with boxes, and relations between them.",
)

GRAPH_TYPES = {
    "json": "application/json",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "graphml": "application/graphml+xml",
}
"""Media type of each format of a graph."""

_EVIDENCE = {
    "type": "object",
    "properties": {
        "post": {"type": "string"},
        "image": {"type": "string"},
        "score": {"type": "number"},
    },
}
_NODE = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "label": {"type": "string"},
        "type": {"type": "string"},
        "names": {"type": "array", "items": {"type": "string"}},
        "mentions": {"type": "integer"},
        "merged": {"type": "array", "items": _OBJECT},
    },
    "required": ["id", "label", "type", "names", "mentions", "merged"],
}
_EDGE = {
    "type": "object",
    "properties": {
        "head": {"type": "string"},
        "relation": {"type": "string"},
        "tail": {"type": "string"},
        "count": {"type": "integer"},
        "texts": {"type": "integer"},
        "authors": {"type": "integer"},
        "score": {"type": ["number", "null"]},
        "pooled_score": {"type": ["number", "null"]},
        "first_time": {"type": ["string", "null"]},
        "last_time": {"type": ["string", "null"]},
        "evidence": {"type": "array", "items": _EVIDENCE},
    },
    "required": ["head", "relation", "tail", "score", "count", "evidence"],
}
_GRAPH = {
    "type": "object",
    "properties": {
        "nodes": {"type": "array", "items": _NODE},
        "edges": {"type": "array", "items": _EDGE},
    },
    "required": ["nodes", "edges"],
}

GRAPH_OPERATION = operation(
    {"application/json": _ref(GraphRequest)},
    result={
        kind: {"schema": _GRAPH if form == "json" else {"type": "string"}}
        for form, kind in GRAPH_TYPES.items()
    },
    description="Nodes and edges with their evidence, or a file in the format that was asked for.",
)


_TEXT = {"schema": {"type": "string"}}
_TYPES = (
    *("application/sparql-results+json", "application/sparql-results+xml", "text/csv"),
    *("text/tab-separated-values", "text/turtle", "application/n-triples"),
    *("application/ld+json", "application/rdf+xml"),
)
_QUERY_BODY = {
    "application/sparql-query": _TEXT,
    "application/x-www-form-urlencoded": {
        "schema": {
            "type": "object",
            "properties": {"query": {"type": "string"}},
            "required": ["query"],
        }
    },
}

SPARQL_POST = operation(
    _QUERY_BODY,
    result=dict.fromkeys(_TYPES, _TEXT),
    description="A table, a truth value or a graph, in the first form that is accepted.",
)
SPARQL_POST["responses"][406] = {"model": ErrorResponse, "description": "No accepted form fits."}
SPARQL_GET = {
    "responses": SPARQL_POST["responses"],
    "openapi_extra": {
        "parameters": [
            {"name": "query", "in": "query", "required": True, "schema": {"type": "string"}}
        ]
    },
}


def describe(app: FastAPI, *, keys: bool) -> None:
    """Give an application its description, with the schemas of all request bodies."""
    framework = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            value = framework()
            models = [(m, "validation") for m in (ExtractRequest, SceneRequest, GraphRequest)]
            _, schemas = models_json_schema(models, ref_template=_REF)  # type: ignore[arg-type]
            value["components"]["schemas"].update(schemas["$defs"])
            if keys:
                value["components"]["securitySchemes"] = {
                    "key": {"type": "http", "scheme": "bearer"}
                }
                value["security"] = [{"key": []}]
            app.openapi_schema = value
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


INFO = {
    "title": "jmere",
    "version": __version__,
    "summary": "Quintuples and scene graphs of posts with pictures.",
}
