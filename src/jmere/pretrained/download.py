"""Downloads over HTTPS with a known size and checksum, complete or not at all.

All reads of a response, headers included, share one deadline, so a slow server cannot keep a
connection open for ever.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from socket import socket
from typing import Any
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from jmere.files.whole import written_whole
from jmere.terminal import progress_bytes

TIMEOUT = 30.0
"""Timeout in seconds for a connection and for each read."""

MIN_SPEED = 50_000
"""Minimum speed in bytes per second: a download may take ``TIMEOUT`` plus its size at this speed.
"""

_BLOCK = 1 << 16


def download(address: str, path: Path, *, size: int, sha256: str) -> None:
    """Download a file of ``size`` bytes; it appears at ``path`` once its checksum is verified.

    Raises:
        OSError: If the network or the disk fails, the address is not https, or the answer
            takes longer than its size allows.
        http.client.HTTPException: If the answer is no proper HTTP.
        ValueError: If what comes is not the file expected.
    """
    seconds = TIMEOUT + size / MIN_SPEED
    with (
        https_opener(seconds).open(address, timeout=TIMEOUT) as stream,
        written_whole(path, binary=True) as file,
    ):
        count, digest = 0, hashlib.sha256()
        for block in progress_bytes(_blocks(stream, size), size, name=f"fetching {path.name}"):
            count += len(block)
            digest.update(block)
            file.write(block)
        if count != size:
            got = f"{count:,} bytes" if count < size else "more"
            raise ValueError(f"got {got} where {size:,} bytes expected")
        if digest.hexdigest() != sha256:
            raise ValueError(f"got a file with sha256 {digest.hexdigest()}")


def https_opener(seconds: float) -> OpenerDirector:
    """Return an opener that accepts HTTPS only, redirects included.

    Args:
        seconds: Time limit for all responses together.
    """
    opener = OpenerDirector()
    for handler in (
        *(ProxyHandler(), _HTTPS(time.monotonic() + seconds), HTTPErrorProcessor()),
        *(HTTPRedirectHandler(), HTTPDefaultErrorHandler(), UnknownHandler()),
    ):
        opener.add_handler(handler)
    return opener


def until(deadline: float, kind: type[HTTPConnection]) -> Callable[..., HTTPConnection]:
    """Create connections whose reads end at a ``time.monotonic`` deadline.

    A read after the deadline raises ``TimeoutError``.
    """

    class Answer(HTTPResponse):
        def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
            super().__init__(sock, *args, **options)
            self.fp = io.BufferedReader(_Timed(sock, self.fp, deadline))

    def connection(*args: Any, **options: Any) -> HTTPConnection:
        made = kind(*args, **options)
        made.response_class = Answer
        return made

    return connection


class _HTTPS(HTTPSHandler):
    def __init__(self, deadline: float) -> None:
        super().__init__()
        self._deadline = deadline

    def https_open(self, request: Request) -> HTTPResponse:
        # do_open is what HTTPSHandler itself calls, with HTTPSConnection.
        made = until(self._deadline, HTTPSConnection)
        return self.do_open(made, request)


class _Timed(io.RawIOBase):
    """A socket reader whose waits end at the deadline."""

    def __init__(self, sock: socket, stream: io.BufferedIOBase, deadline: float) -> None:
        self._sock, self._stream, self._deadline = sock, stream, deadline
        self._started = time.monotonic()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._deadline - time.monotonic()
        wait = min(TIMEOUT, left)
        try:
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(wait)
            return self._stream.readinto1(buffer)
        except TimeoutError:
            took = time.monotonic() - self._started
            late = f"the response was incomplete after {took:.0f} seconds"
            raise TimeoutError(late if wait == left else f"no byte for {wait:g} seconds") from None

    def close(self) -> None:
        self._stream.close()
        super().close()


def _blocks(stream: io.BufferedIOBase, size: int) -> Iterator[bytes]:
    """Yield a stream's content, but only the first byte beyond ``size``."""
    left = size + 1
    while block := stream.read(min(_BLOCK, left)):
        left -= len(block)
        yield block
