"""A file from the network: over https alone, of known size and checksum, whole or absent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    UnknownHandler,
)

from jmere.files import written_whole
from jmere.progress import progress_bytes

TIMEOUT = 30.0
"""Seconds to wait for a connection, and for each piece of an answer."""

_BLOCK = 1 << 16


def download(address: str, path: Path, *, size: int, sha256: str) -> None:
    """Fetch a file of ``size`` bytes, which appears at ``path`` once its checksum is seen right.

    Raises:
        OSError: If the network or the disk fails, or the address is not https.
        http.client.HTTPException: If the answer is no proper HTTP.
        ValueError: If what comes is not the file expected.
    """
    with (
        https_opener().open(address, timeout=TIMEOUT) as stream,
        written_whole(path, binary=True) as file,
    ):
        count, digest = 0, hashlib.sha256()
        for block in progress_bytes(_blocks(stream, size), size, name=f"fetching {path.name}"):
            count += len(block)
            digest.update(block)
            file.write(block)
        if count != size:
            got = f"{count:,} bytes" if count < size else "more"
            raise ValueError(f"got {got} where {size:,} bytes were expected")
        if digest.hexdigest() != sha256:
            raise ValueError(f"got a file of another sha256, {digest.hexdigest()}")


def https_opener() -> OpenerDirector:
    """Opens addresses, and follows redirections, of no protocol but https."""
    opener = OpenerDirector()
    for handler in (
        *(ProxyHandler, HTTPSHandler, HTTPErrorProcessor),
        *(HTTPRedirectHandler, HTTPDefaultErrorHandler, UnknownHandler),
    ):
        opener.add_handler(handler())
    return opener


def _blocks(stream: BufferedIOBase, size: int) -> Iterator[bytes]:
    """What a stream holds, but of anything beyond ``size`` bytes only the first."""
    left = size + 1
    while block := stream.read(min(_BLOCK, left)):
        left -= len(block)
        yield block
