"""What is said about the server: model, health, readiness and figures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from jmere import __version__
from jmere.data.jsonl import SCHEMA
from jmere.serve.api_errors import ApiError
from jmere.serve.microbatch import StreamExtractor
from jmere.serve.service import Service


def status_routes(service: Service) -> APIRouter:
    """Make the routes about the server itself."""
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Tell that the server runs."""
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz() -> dict[str, str]:
        """Tell whether the model is loaded; 503 until it is."""
        _extractor(service)
        return {"status": "ready"}

    @routes.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """Return the server's figures in Prometheus' text format."""
        return Response(service.telemetry.page(), media_type=CONTENT_TYPE_LATEST)

    @routes.get("/v1/model")
    async def model() -> dict[str, Any]:
        """Return the model's tag set, versions and the limits of a request."""
        tags = _extractor(service).tagger.tags
        return {
            "model": service.config.model,
            "version": __version__,
            "schema_version": SCHEMA,
            "entity_types": list(tags.entity_types),
            "relations": list(tags.relations),
            "limits": _limits(service),
        }

    return routes


def _extractor(service: Service) -> StreamExtractor:
    if service.batcher.extractor is None:
        raise ApiError(503, "loading", "the model is being loaded", headers={"Retry-After": "1"})
    return service.batcher.extractor


def _limits(service: Service) -> dict[str, int]:
    names = ("max_body", "max_posts", "max_pictures", "max_text")
    return {name: getattr(service.config, name) for name in names}
