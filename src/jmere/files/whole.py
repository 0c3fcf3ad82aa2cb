"""Atomic writes of single files, checksums and the cache folder."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from jmere.files.durable import naming, sync_folder
from jmere.files.locks import remove_abandoned, same_file, try_lock
from jmere.files.outputs import is_stream, open_stream, real_target, take_on

_BLOCK = 1 << 20


_NAME_BYTES = 200

_SUFFIX = ".jmere.part"

_TEMPORARY = re.compile(r"\..+\.[a-z0-9_]{8}\.jmere\.part")


@contextmanager
def written_whole(
    path: str | Path, *, binary: bool = False, durable: bool = True
) -> Iterator[IO[Any]]:
    """Open ``path`` for writing so that it appears complete or not at all.

    Text is UTF-8 with LF line ends. Data goes to a temporary file in the same folder, which
    replaces ``path`` when the block ends without an error. Mode and owner of a replaced file are
    kept; links are followed. A device, a pipe or ``/dev/stdout`` receives all data at once.
    Temporary files of killed processes are removed. Where ``durable``, the data is on the disk
    before it replaces what was there, so that a loss of power loses neither; a cache need not be.

    Raises:
        OSError: If ``path`` is a folder or may not be written, or the disk is full.
    """
    mode: dict[str, Any] = (
        {"mode": "w+b"} if binary else {"mode": "w+", "encoding": "utf-8", "newline": "\n"}
    )
    if is_stream(path):
        with tempfile.TemporaryFile(**mode) as stream:
            yield stream
            stream.flush()
            with naming(path):
                _pour(stream, path)
        return
    target = real_target(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(target.parent)
    handle, temporary = _new_file(target)
    try:
        with naming(target), os.fdopen(handle, **mode) as stream:
            yield stream
            stream.flush()
            take_on(temporary, target)
            if durable:
                os.fsync(stream.fileno())
            temporary.replace(target)
        if durable:
            sync_folder(target.parent)
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
    """Copy a temporary file into a stream."""
    flush_standard_streams()
    os.lseek(stream.fileno(), 0, os.SEEK_SET)
    with os.fdopen(open_stream(path), "wb") as out:
        while block := os.read(stream.fileno(), _BLOCK):
            out.write(block)


def flush_standard_streams() -> None:
    """Flush stdout and stderr before something else writes to the same file."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def write_json(path: str | Path, value: object) -> None:
    """Write a value as indented JSON, atomically."""
    with written_whole(path) as stream:
        json.dump(value, stream, indent=2, ensure_ascii=False)
        stream.write("\n")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def cache_folder(name: str) -> Path:
    """Return the cache folder ``name`` for files that can be recreated.

    The folder is below ``$JMERE_CACHE``, or below ``jmere`` in ``$XDG_CACHE_HOME`` or
    ``~/.cache``. It need not exist yet.

    Raises:
        FileNotFoundError: If no variable is set and the user has no home.
    """
    given = os.environ.get("JMERE_CACHE")
    root = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "jmere")
    try:
        return root.expanduser() / name
    except RuntimeError:
        raise FileNotFoundError("the user has no home folder; set $JMERE_CACHE") from None


def resolve_inside(folder: str | Path, name: str | Path) -> Path:
    """Return the path of ``name`` inside ``folder``.

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
        raise ValueError(f"{name}: is outside the folder {folder}; expected a path inside it")
    return path
