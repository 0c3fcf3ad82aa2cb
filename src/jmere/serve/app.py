"""The ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
from fastapi import FastAPI
from starlette.exceptions import HTTPException

from jmere.serve.api_errors import ApiError, handle_api_error, handle_http_error
from jmere.serve.extract_route import extract_routes
from jmere.serve.gate import RequestGate
from jmere.serve.graph_route import graph_routes
from jmere.serve.microbatch import MicroBatcher, StreamExtractor
from jmere.serve.openapi import INFO, describe
from jmere.serve.page_routes import add_page
from jmere.serve.scene_route import LookAt, scene_routes
from jmere.serve.serve_config import ServeConfig
from jmere.serve.service import Service
from jmere.serve.sparql_route import sparql_routes
from jmere.serve.status_routes import status_routes
from jmere.serve.telemetry import Telemetry


def create_app(
    load: Callable[[], StreamExtractor],
    config: ServeConfig | None = None,
    *,
    look: LookAt | None = None,
    store: Path | None = None,
) -> FastAPI:
    """Make the application; the extractor is loaded in its thread when the server starts.

    Args:
        load: Gives the extractor.
        config: Limits and switches.
        look: Gives the scene graph of a picture; without it there is no ``/v1/scene``.
        store: Folder of a graph store to query; without it there is no ``/sparql``.

    Example:
        >>> from jmere import Extractor
        >>> app = create_app(Extractor.from_pretrained)
        >>> app.title
        'jmere'
    """
    config = config or ServeConfig()
    telemetry = Telemetry()
    batcher = MicroBatcher(load, config, telemetry)
    service = Service(config, batcher, telemetry)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        batcher.start()
        yield
        batcher.close()
        await anyio.to_thread.run_sync(batcher.join)

    app = FastAPI(
        title=INFO["title"],
        version=INFO["version"],
        summary=INFO["summary"],
        lifespan=lifespan,
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.add_exception_handler(ApiError, handle_api_error)
    app.add_exception_handler(HTTPException, handle_http_error)
    app.add_middleware(RequestGate, config=config, telemetry=telemetry)
    app.include_router(extract_routes(service))
    if look is not None:
        app.include_router(scene_routes(service, look))
    if store is not None:
        app.include_router(sparql_routes(service, store))
    app.include_router(graph_routes(service))
    app.include_router(status_routes(service))
    add_page(app)
    describe(app, keys=bool(config.api_keys))
    return app
