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
from jmere.serve.settings import ServeConfig
from jmere.serve.telemetry import Telemetry
from jmere.terminal import json_line


@dataclass(frozen=True)
class Service:
    """Settings, queue, body reader and figures of one server."""

    config: ServeConfig
    batcher: MicroBatcher
    telemetry: Telemetry
    bodies: BodyReader = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bodies", BodyReader(self.config))

    async def extract(self, posts: Sequence[Post]) -> list[Extraction]:
        """Queue posts and wait for their results.

        Raises:
            ApiError: 429 if the queue is full, 503 if it takes too long or the server stops.
        """
        try:
            future = self.batcher.submit(posts)
            done, _ = await asyncio.wait([future], timeout=self.config.timeout)
            if not done:
                future.cancel()
                raise ApiError(
                    503,
                    "timeout",
                    f"no result within {self.config.timeout:g} s",
                    headers={"Retry-After": "5"},
                )
            return future.result()
        except QueueFullError as error:
            raise ApiError(
                429,
                "busy",
                "too many posts wait",
                headers={"Retry-After": str(error.retry_after)},
            ) from None
        except StoppedError as error:
            raise ApiError(503, "unavailable", str(error), headers={"Retry-After": "5"}) from None


def json_response(value: object) -> Response:
    """Make a response of JSON as the command line writes it."""
    return Response(json_line(value).encode(), media_type="application/json")


def note(request: Request, **fields: Any) -> None:
    """Add fields to the line that the log gets about a request."""
    request.state.log = {**getattr(request.state, "log", {}), **fields}
