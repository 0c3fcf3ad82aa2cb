"""Files in and out: problems with file and line, and writes that are whole or absent."""

from __future__ import annotations

import difflib
import errno
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from jmere.locks import remove_abandoned, same_file, try_lock
from jmere.outputs import is_stream, open_stream, real_target, share, take_on

__all__ = [
    "DataError", "OnProblem", "Problem", "cache_folder", "flush_standard_streams", "inside",
    "nearest", "one_line", "refuse", "sha256_of", "share", "write_json", "written_whole",
]  # fmt: skip

_BLOCK = 1 << 20
_SHOWN = 1_000

_NAME_BYTES = 200
_SUFFIX = ".jmere.part"
_TEMPORARY = re.compile(r"\..+\.[a-z0-9_]{8}\.jmere\.part")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file: where, and what was expected."""

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        rest = "..." if len(self.message) > _SHOWN else ""
        return f"{where}: {self.message[:_SHOWN]}{rest}"


class DataError(ValueError):
    """A file holds what it should not; the message is the problem's one line."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


OnProblem = Callable[[Problem], None]
"""Told of each problem of a file; the record concerned is then left out."""


def refuse(problem: Problem) -> None:
    """Stop at the first problem: the ``OnProblem`` of strict readers.

    Raises:
        DataError: Always.
    """
    raise DataError(problem)


@contextmanager
def written_whole(path: str | Path, *, binary: bool = False) -> Iterator[IO[Any]]:
    """Open ``path`` for writing so that it appears complete or not at all.

    Text is UTF-8 with LF line ends. What is written goes to a temporary file in
    the same folder, which replaces ``path`` when the block ends without an error.
    Mode and owner of a file that is replaced are kept, and where ``path`` is a link,
    the file it leads to is replaced. A device, a pipe or ``/dev/stdout`` is written to,
    all at once. What a killed process left of such a temporary file is removed.

    Raises:
        OSError: If ``path`` is a folder or may not be written.
    """
    mode: dict[str, Any] = (
        {"mode": "w+b"} if binary else {"mode": "w+", "encoding": "utf-8", "newline": "\n"}
    )
    if is_stream(path):
        with tempfile.TemporaryFile(**mode) as stream:
            yield stream
            stream.flush()
            _pour(stream, path)
        return
    target = real_target(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(target.parent)
    handle, temporary = _new_file(target)
    try:
        with os.fdopen(handle, **mode) as stream:
            yield stream
            stream.flush()
            take_on(temporary, target)
            temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of ``written_whole`` whose process was killed."""
    with os.scandir(folder) as entries:
        left = [entry.path for entry in entries if _TEMPORARY.fullmatch(entry.name)]
    for path in left:
        remove_abandoned(Path(path))


def _new_file(target: Path) -> tuple[int, Path]:
    """A locked temporary file beside ``target``: descriptor and path."""
    while True:
        # A file system limits the bytes of a name, the temporary one's too.
        start = os.fsdecode(os.fsencode(target.name)[:_NAME_BYTES])
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{start}.", suffix=_SUFFIX)
        # Between the two calls another process may have taken the file for a leftover.
        if try_lock(handle) and same_file(handle, Path(name)):
            return handle, Path(name)
        os.close(handle)


def _pour(stream: IO[Any], path: str | Path) -> None:
    """Copy all of a temporary file into a stream."""
    flush_standard_streams()
    os.lseek(stream.fileno(), 0, os.SEEK_SET)
    with os.fdopen(open_stream(path), "wb") as out:
        while block := os.read(stream.fileno(), _BLOCK):
            out.write(block)


def flush_standard_streams() -> None:
    """Let what was printed so far come before what is written to the same file next."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def write_json(path: str | Path, value: object) -> None:
    """Write a value as indented JSON, whole or not at all."""
    with written_whole(path) as stream:
        json.dump(value, stream, indent=2, ensure_ascii=False)
        stream.write("\n")


def sha256_of(path: Path) -> str:
    """The checksum of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def cache_folder(name: str) -> Path:
    """The folder called ``name`` for what can be had again.

    It lies in ``$JMERE_CACHE``, or in ``jmere`` of ``$XDG_CACHE_HOME`` or ``~/.cache``,
    and need not exist yet.

    Raises:
        FileNotFoundError: If no variable is set and the user has no home.
    """
    given = os.environ.get("JMERE_CACHE")
    root = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "jmere")
    try:
        return root.expanduser() / name
    except RuntimeError:
        raise FileNotFoundError("the user has no home folder; set $JMERE_CACHE") from None


def inside(folder: str | Path, name: str | Path) -> Path:
    """The path of ``name`` in ``folder``, which it may not leave.

    Raises:
        OSError: If links lead in a circle.
        ValueError: If ``name`` is absolute or leads out of ``folder``, by ``..`` or by a link.
    """
    root = Path(folder).resolve()
    try:
        path = (root / name).resolve()
    except RuntimeError:  # before Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(name)) from None
    if Path(name).is_absolute() or not path.is_relative_to(root):
        raise ValueError(f"{name}: leads out of the folder {folder}; expected a path inside it")
    return path


def one_line(error: BaseException) -> str:
    """What an error says, as one line of at most 200 characters, to be part of a message."""
    return " ".join(str(error).split())[:200]


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of an error about an unknown name: the nearest known one, or all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(name[:100], names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names)}"[:_SHOWN]
