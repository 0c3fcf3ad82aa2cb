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

_CLOSE = {"Connection": "close"}
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
        try:
            await self._read(request, chunks)
            yield chunks[0] if len(chunks) == 1 else b"".join(chunks)
        finally:
            self.held -= sum(map(len, chunks))

    async def _read(self, request: Request, chunks: list[bytes]) -> None:
        self._check(declared_size(request))
        size = 0
        try:
            with anyio.fail_after(self._seconds):
                async for chunk in request.stream():
                    chunks.append(chunk)
                    size += len(chunk)
                    self.held += len(chunk)
                    self._check(size)
        except TimeoutError:
            message = f"the body did not arrive in {self._seconds:g} s"
            raise ApiError(408, "body_timeout", message, where="body", headers=_CLOSE) from None
        except ClientDisconnect:
            raise ApiError(400, "client_closed", "the client closed the connection") from None

    def _check(self, size: int) -> None:
        if size > self._limit:
            message = f"the body has more than {self._limit:,} bytes"
            raise ApiError(413, "too_large", message, where="body", headers=_CLOSE)
        if self.held > self._most:
            message = "too many large requests at one time"
            raise ApiError(429, "busy", message, headers={"Retry-After": "1", **_CLOSE})


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
