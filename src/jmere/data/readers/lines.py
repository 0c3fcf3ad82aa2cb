"""Numbered lines of untrusted text files."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from jmere.data.fields import RecordError
from jmere.errors import DataError, OnProblem, Problem
from jmere.files.inputs import opened

_MAX_BYTES = 1 << 24
"""Default maximum length of a line, in bytes."""

MAX_LINE = 1 << 28
"""Maximum length of a line before the file is rejected as not text."""


def numbered_lines(path: str | Path, *, max_bytes: int = _MAX_BYTES) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of an input with their numbers, from 1, without line ends.

    Lines end at LF or CR LF and nowhere else. Of a line over ``max_bytes`` bytes
    only as much is held as shows ``decoded`` that it is too long.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: If it is damaged, or a line never ends.
    """
    number = 0
    try:
        with opened(path) as stream:
            while raw := _line(stream, max_bytes, path):
                number += 1
                if number == 1:
                    raw = raw.removeprefix(codecs.BOM_UTF8)
                yield number, raw.removesuffix(b"\n").removesuffix(b"\r")
    except DataError as error:
        raise DataError(replace(error.problem, line=number + 1)) from None


def lines_between(
    stream: io.BufferedReader, start: int, stop: int | None, *, path: str | Path
) -> Iterator[tuple[int, bytes]]:
    r"""Yield the lines that begin in a range of bytes of a file, without their line ends.

    The ranges of a file, put together, have each of its lines once. The number of a line is its
    own, from 1, in the range at the file's start, else the place of its first byte. Without
    ``stop`` all lines of a stream are read, which need not be a file.

    Raises:
        DataError: If a line never ends.

    Example:
        >>> data = b"one\ntwo\nthree\n"
        >>> [list(lines_between(io.BufferedReader(io.BytesIO(data)), *ends, path=""))
        ...  for ends in ((0, 5), (5, 14))]
        [[(1, b'one'), (2, b'two')], [(8, b'three')]]
    """
    if start:
        stream.seek(start - 1)
        _line(stream, 1 << 16, path)
    place = stream.tell() if start else 0
    number = 0
    while (stop is None or place < stop) and (raw := _line(stream, _MAX_BYTES, path)):
        number += 1
        if not start and number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        yield place if start else number, raw.removesuffix(b"\n").removesuffix(b"\r")
        if stop is not None:
            place = stream.tell()


def _line(stream: io.BufferedReader, max_bytes: int, path: str | Path) -> bytes:
    """Read a line to its end and keep its start."""
    start = block = stream.readline(max_bytes + 3)
    size = len(block)
    while len(block) > max_bytes + 2 and not block.endswith(b"\n"):
        block = stream.readline(max_bytes + 3)
        size += len(block)
        if size > MAX_LINE:
            raise DataError(Problem(str(path), None, f"a line of more than {MAX_LINE:,} bytes"))
    return start


def decoded(raw: bytes, *, max_bytes: int = _MAX_BYTES) -> str:
    """Decode a line.

    Raises:
        RecordError: If it is too long, not UTF-8, or holds a null byte.
    """
    if len(raw) > max_bytes:
        raise RecordError(f"the line is longer than {max_bytes} bytes")
    if b"\0" in raw and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RecordError("the file is UTF-16; expected UTF-8")
    if b"\0" in raw:
        raise RecordError(f"null byte at column {raw.index(0) + 1}")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        byte = raw[error.start]
        raise RecordError(f"not UTF-8: byte 0x{byte:02x} at column {error.start + 1}") from None


class Ids:
    """Generator of unique ids from image names: ``photo``, ``photo-2``, ..."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def unique(self, image: str | None, line: int) -> str:
        """Return an unused id: the image's stem, or ``line-N`` without an image."""
        base = (Path(image).stem if image else "") or f"line-{line}"
        count = self._counts.get(base, 0) + 1
        name = base if count == 1 else f"{base}-{count}"
        while name in self._counts:
            count += 1
            name = f"{base}-{count}"
        self._counts[base] = count
        self._counts.setdefault(name, 1)
        return name


def report_faults(
    path: str | Path, line: int | None, messages: Iterable[str], on_problem: OnProblem
) -> None:
    """Call ``on_problem`` for each problem of a line."""
    for message in messages:
        on_problem(Problem(str(path), line, message))
