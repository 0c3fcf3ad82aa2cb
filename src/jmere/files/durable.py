"""Data on the disk before its name is: what a loss of power leaves is the old or the new."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""Errors of a write that do not name the file."""


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk; not all file systems can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Wait until all files of a folder are on the disk, and their names.

    Raises:
        OSError: If a file cannot be written to the disk.
    """
    for root, _, files in os.walk(folder):
        for name in files:
            path = Path(root, name)
            if path.is_file() and not path.is_symlink():
                _sync_file(path)
        sync_folder(Path(root))


def _sync_file(path: Path) -> None:
    with naming(path):
        descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Name a file in the error of a disk without room for it.

    Raises:
        OSError: The error, with the path.
    """
    try:
        yield
    except OSError as error:
        number = error.errno
        if number is None or number not in _NO_ROOM or error.filename is not None:
            raise
        raise OSError(number, os.strerror(number), str(path)) from None
