"""Files in and out: problems with file and line, and writes that are whole or absent."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_BLOCK = 1 << 20
_SHOWN = 1_000


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
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    try:
        mode: dict[str, Any] = (
            {"mode": "wb"} if binary else {"mode": "w", "encoding": "utf-8", "newline": "\n"}
        )
        with os.fdopen(handle, **mode) as stream:
            yield stream
        share(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def share(path: Path) -> None:
    """Let others read a file, as far as the user's umask does."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


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
        ValueError: If ``name`` is absolute or leads out of ``folder``, by ``..`` or by a link.
    """
    root = Path(folder).resolve()
    path = (root / name).resolve()
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
