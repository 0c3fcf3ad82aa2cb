"""Files and folders on this machine or in a store, by fsspec."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jmere.errors import nearest, one_line
from jmere.ray.libraries import ray_library

KNOWN = ("abfs", "abfss", "az", "file", "gcs", "gs", "hdfs", "local", "memory", "s3", "s3a")
"""Protocols of files and object stores; others fetch from anywhere, or unpack what they fetch."""

_PROTOCOL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_BLOCK = 1 << 22
"""Bytes that a store is asked for at a time."""


@dataclass(frozen=True)
class InputFile:
    """A file of posts as it was found."""

    name: str
    """Path on this machine, or address in a store."""
    size: int


def file_system(name: str) -> tuple[Any, str]:
    """Return fsspec's file system of a path or an address, and the path in it.

    Raises:
        MissingExtraError: If fsspec is not installed.
        ValueError: If the protocol is not known, or its library is not installed.
    """
    match = _PROTOCOL.match(name)
    protocol = match[1].lower() if match else "file"
    if protocol not in KNOWN or "::" in name:
        what = "a chain of protocols" if "::" in name else f"protocol {protocol!r}"
        hint = nearest("" if "::" in name else protocol, KNOWN)
        raise ValueError(f"{name}: {what} is not read or written; {hint}")
    core = ray_library("fsspec.core")
    try:
        fs, path = core.url_to_fs(name)
    except ImportError as error:
        raise ValueError(f"{name}: {one_line(error)}") from None
    return fs, path


def is_local(name: str) -> bool:
    """Return whether a name is one of this machine's file system."""
    match = _PROTOCOL.match(name)
    return match is None or match[1].lower() in ("file", "local")


def is_of_process(name: str) -> bool:
    """Return whether only this process sees the file: ``memory://``."""
    return name.startswith("memory://")


def absolute(name: str) -> str:
    """Return a name that leads to the same place from any folder."""
    return str(local_path(name)) if is_local(name) else name.rstrip("/")


def local_path(name: str) -> Path:
    """Return the path of a local name."""
    return Path(file_system(name)[1])


def found_files(pattern: str) -> list[InputFile]:
    """Return the files that a name or a pattern with ``*`` and ``?`` stands for, in order.

    Raises:
        FileNotFoundError: If there is none.
        IsADirectoryError: If it is a folder.
    """
    fs, path = file_system(pattern)
    try:
        if fs.isdir(path):
            raise IsADirectoryError(f"{pattern}: is a folder; expected files, such as *.parquet")
        # The name of a file may hold the signs of a pattern.
        found = {path: fs.info(path)} if fs.isfile(path) else fs.glob(path, detail=True)
    except (FileNotFoundError, PermissionError) as error:
        raise type(error)(f"{pattern}: {one_line(error)}") from None
    files = [
        InputFile(_named(fs, each, pattern), int(info["size"] or 0))
        for each, info in sorted(found.items())
        if info["type"] == "file"
    ]
    if not files:
        raise FileNotFoundError(f"{pattern}: no such file")
    return files


def _named(fs: Any, path: str, pattern: str) -> str:
    return path if is_local(pattern) else str(fs.unstrip_protocol(path))


def opened_file(name: str, content: bytes | None = None) -> io.BufferedReader:
    """Open a file for reading; ``content`` is what a file of another process holds."""
    if content is not None:
        return io.BufferedReader(io.BytesIO(content))
    if is_local(name):
        return local_path(name).open("rb")
    fs, path = file_system(name)
    return io.BufferedReader(fs.open(path, "rb", block_size=_BLOCK), _BLOCK)
