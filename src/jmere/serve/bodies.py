"""Bodies of requests, read within limits of size and time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from jmere.serve.api_errors import ApiError, listed
from jmere.serve.serve_config import ServeConfig

_LINGER = 2.0  # seconds
_MAX_DRAINED = 1 << 26  # bytes

T = TypeVar("T")

_LARGE = 1 << 17
"""Bytes from which a body is parsed in a thread, so that other requests go on."""


class BodyReader:
    """Reads bodies, and bounds what all of them take in memory together."""

    def __init__(self, config: ServeConfig) -> None:
        self._limit, self._most = config.max_body, config.max_buffered
        self._seconds = config.read_timeout
        self.held = 0
        """Bytes of all bodies that are held now."""

    @asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[bytes]:
        """Give the body of a request; its size counts until the block ends.

        Raises:
            ApiError: 413 as soon as the body is known to be too large, 408 if it does not arrive
                in time, 429 if all bodies together are too large, 400 if the client is gone.
        """
        chunks: list[bytes] = []
        size = 0
        self._check(declared_size(request))
        try:
            with anyio.fail_after(self._seconds):
                async for chunk in request.stream():
                    size += len(chunk)
                    self.held += len(chunk)
                    self._check(size)
                    chunks.append(chunk)
            yield chunks[0] if len(chunks) == 1 else b"".join(chunks)
        except TimeoutError:
            raise ApiError(
                408, "body_timeout", f"the body did not arrive in {self._seconds:g} s", where="body"
            ) from None
        except ClientDisconnect:
            raise ApiError(400, "client_closed", "the client closed the connection") from None
        finally:
            self.held -= size

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise ApiError(
                413,
                "too_large",
                f"the body has more than {self._limit:,} bytes",
                where="body",
                headers={"Connection": "close"},
            )
        if self.held > self._most:
            raise ApiError(
                429,
                "busy",
                "too many large requests at one time",
                headers={"Retry-After": "1", "Connection": "close"},
            )


async def drain(receive: Receive) -> None:
    """Read on for a moment after a refusal, and drop what comes.

    A client that is still sending when the connection closes gets an error of the connection
    instead of the answer.
    """
    size, more = 0, True
    with anyio.move_on_after(_LINGER):
        while more and size < _MAX_DRAINED:
            message = await receive()
            size += len(message.get("body", b""))
            more = message.get("more_body", False)


def declared_size(request: Request) -> int:
    """Return the size that the header ``Content-Length`` announces; 0 without one."""
    value = request.headers.get("content-length", "0")
    return int(value) if value.isascii() and value.isdigit() else 0


def checked_type(request: Request, known: Sequence[str]) -> str:
    """Return the media type of the body, without parameters; ``image/*`` stands for all images.

    Raises:
        ApiError: 415 if it is none of ``known``.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in known or (kind.startswith("image/") and "image/*" in known):
        return kind
    got = kind[:100] or "nothing"
    raise ApiError(
        415, "unsupported_media_type", f"expected {listed(known)}, got {got}", where="Content-Type"
    )


async def off_loop(
    function: Callable[[bytes, ServeConfig], T], body: bytes, config: ServeConfig
) -> T:
    """Call a function of a body, in a thread if the body is large."""
    if len(body) < _LARGE:
        return function(body, config)
    return await anyio.to_thread.run_sync(function, body, config)
