"""What the routes of one server share."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from jmere.records import Extraction, Post
from jmere.serve.api_errors import ApiError
from jmere.serve.bodies import BodyReader
from jmere.serve.microbatch import MicroBatcher, QueueFullError, StoppedError
from jmere.serve.serve_config import ServeConfig
from jmere.serve.telemetry import Telemetry
from jmere.terminal import json_line

_PATIENCE = 0.5
"""Seconds after which it is looked whether the client is still there."""


@dataclass(frozen=True)
class Service:
    """Settings, queue, body reader and figures of one server."""

    config: ServeConfig
    batcher: MicroBatcher
    telemetry: Telemetry
    bodies: BodyReader = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bodies", BodyReader(self.config))

    async def extract(self, posts: Sequence[Post], request: Request) -> list[Extraction]:
        """Queue the posts of a request and wait for their results.

        Raises:
            ApiError: 429 if the queue is full, 503 if it takes too long or the server stops, 400
                if the client is gone meanwhile.
        """
        try:
            future = self.batcher.submit(posts)
            return await _awaited(future, request, self.config.timeout)
        except QueueFullError as error:
            retry = {"Retry-After": str(error.retry_after)}
            raise ApiError(429, "busy", "too many posts wait", headers=retry) from None
        except StoppedError as error:
            raise ApiError(503, "unavailable", str(error), headers={"Retry-After": "5"}) from None


async def _awaited(
    future: asyncio.Future[list[Extraction]], request: Request, seconds: float
) -> list[Extraction]:
    """Wait for results; without them in time, or without the client, nobody needs them."""
    patience = min(_PATIENCE, seconds)
    await asyncio.wait([future], timeout=patience)
    if not future.done():
        gone = asyncio.ensure_future(_closed(request))
        either: list[asyncio.Future[Any]] = [future, gone]
        await asyncio.wait(either, timeout=seconds - patience, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not future.done():
            future.cancel()
            if gone.done() and not gone.cancelled():
                raise ApiError(400, "client_closed", "the client closed the connection")
            message = f"no result within {seconds:g} s"
            raise ApiError(503, "timeout", message, headers={"Retry-After": "5"})
    return future.result()


async def _closed(request: Request) -> None:
    """Wait until the client closes its connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def json_response(value: object) -> Response:
    """Make a response of JSON as the command line writes it."""
    return Response(json_line(value).encode(), media_type="application/json")


def note(request: Request, **fields: Any) -> None:
    """Add fields to the line that the log gets about a request."""
    request.state.log = {**getattr(request.state, "log", {}), **fields}
