"""Input files, pipes and standard input, gzip-compressed or not, read once from start to end."""

from __future__ import annotations

import gzip
import io
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jmere.errors import DataError, Problem, one_line

_STDIN = "-"
"""Name of standard input on the command line."""

GZIP = b"\x1f\x8b"
"""Magic number of gzip; UTF-8 text never starts with it."""

_OTHERS = {
    "bzip2": (b"BZh91AY&SY", b"BZh61AY&SY", b"BZh11AY&SY"),
    "xz": (b"\xfd7zXZ\0",),
    "zip": (b"PK\x03\x04",),
    "zstd": (b"\x28\xb5\x2f\xfd",),
}
"""Magic numbers of unsupported compression formats."""

_MAX_BYTES = 1 << 31
"""Maximum size of a file that is read into memory."""

_BLOCK = 1 << 16
_MAX_RATIO = 200
"""Maximum ratio of unpacked to compressed size; text reaches 3 to 30."""
_MIN_ALLOWANCE = 1 << 26
"""Unpacked bytes that are allowed whatever the ratio."""


@contextmanager
def opened(path: str | Path) -> Iterator[io.BufferedReader]:
    """Open an input for reading bytes: a file, a pipe, a device, or ``-`` for standard input.

    The input is read once, from start to end. Data that starts with the gzip magic number is
    decompressed, whatever the file's name.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: While reading, if it is damaged, or unpacks to far more than text does.
    """
    if str(path) == _STDIN:
        if sys.stdin is None:
            raise DataError(Problem(_STDIN, None, "standard input is closed"))
        given: Any = sys.stdin.buffer
        buffered = given if isinstance(given, io.BufferedReader) else io.BufferedReader(given)
        try:
            yield unpacked(buffered, path)
        finally:
            if buffered is not given:
                buffered.detach()  # standard input stays open: it is not ours
        return
    with Path(path).open("rb") as stream:
        yield unpacked(stream, path)


def check_inputs(*paths: str | Path) -> None:
    """Check that inputs can be opened, without reading them.

    Raises:
        FileNotFoundError: If the file does not exist.
        IsADirectoryError: If one is a folder.
        ValueError: If two of them are standard input, which can be read once.
    """
    if sum(str(path) == _STDIN for path in paths) > 1:
        raise ValueError("two inputs are '-'; standard input can be read once")
    for path in paths:
        if str(path) == _STDIN:
            continue
        if stat.S_ISDIR(Path(path).stat().st_mode):
            raise IsADirectoryError(f"{path}: is a folder; expected a file")


def read_input_text(path: str | Path) -> str:
    """Read a whole input as UTF-8, without its byte order mark.

    Invalid bytes become lone surrogates; the field checks reject those later.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: If it is damaged, or over ``_MAX_BYTES``.
    """
    with opened(path) as stream:
        content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise DataError(Problem(str(path), None, f"is longer than {_MAX_BYTES:,} bytes"))
    return content.decode("utf-8-sig", errors="surrogateescape")


def unpacked(stream: io.BufferedReader, path: str | Path) -> io.BufferedReader:
    """Return a stream of the bytes, decompressed if they start with the magic number of gzip.

    Raises:
        DataError: If they are compressed in another way.
    """
    start = stream.peek(len(GZIP))
    for form, sign in _OTHERS.items():
        if start.startswith(sign):
            message = f"is compressed ({form}); expected text or gzip"
            raise DataError(Problem(str(path), None, message))
    return io.BufferedReader(_Gzip(stream, path), _BLOCK) if start.startswith(GZIP) else stream


class _Counted(io.RawIOBase):
    """A stream that counts the bytes read from it."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream, self.count = stream, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        self.count += len(block)
        return len(block)


class _Gzip(io.RawIOBase):
    """A gzip stream, decompressed within limits."""

    def __init__(self, stream: io.BufferedReader, path: str | Path) -> None:
        self._packed, self._path, self._grown = _Counted(stream), path, 0
        self._stream = gzip.GzipFile(fileobj=self._packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            block = self._stream.read1(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            reason = one_line(error)
            raise DataError(Problem(str(self._path), None, f"damaged gzip: {reason}")) from None
        self._grown += len(block)
        if self._grown > max(_MIN_ALLOWANCE, _MAX_RATIO * self._packed.count):
            message = f"unpacks to more than {_MAX_RATIO} times its size; expected text"
            raise DataError(Problem(str(self._path), None, message))
        buffer[: len(block)] = block
        return len(block)
