"""Locks on files being written; the operating system releases them when a process ends."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def try_lock(descriptor: int) -> bool:
    """Lock an open file; return false if another process or file handle holds the lock.

    The lock of a killed process is released, even if its process id is reused. Returns true on
    file systems without locks.
    """
    return _lock(descriptor) is not False


def same_file(descriptor: int, path: Path) -> bool:
    """Return whether ``path`` is the file that ``descriptor`` has open."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


def is_abandoned(path: Path) -> bool:
    """Return whether the process that made and locked a file has ended."""
    return _if_abandoned(path, lambda: None)


def remove_abandoned(path: Path) -> bool:
    """Remove a file whose writer ended without removing it; return whether it was removed."""
    return _if_abandoned(path, path.unlink)


@contextmanager
def folder_locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a new folder, which thus is no abandoned one.

    The folder itself is locked: a lock in it would be missing when a process is killed just before
    it makes the lock, or while it removes the folder.

    Raises:
        OSError: If another process has taken the folder for an abandoned one already.
    """
    if sys.platform == "win32":  # there, a folder cannot be opened
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if not (try_lock(descriptor) and same_file(descriptor, folder)):
            raise OSError(f"{folder}: another process removes this folder; try again")
        yield
    finally:
        os.close(descriptor)


def remove_abandoned_folder(folder: Path) -> bool:
    """Remove a folder of ``folder_locked`` whose process has ended; return whether it had."""
    return _if_abandoned(folder, lambda: shutil.rmtree(folder, ignore_errors=True), os.O_RDONLY)


def _if_abandoned(path: Path, do: Callable[[], None], flags: int = os.O_RDWR) -> bool:
    """Do something with a file that no process has locked; return whether it was done."""
    try:
        descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        if _lock(descriptor) and same_file(descriptor, path):
            with suppress(OSError):
                do()
                return True
        return False
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Return true if locked, false if another holds the lock, ``None`` without lock support."""
    if sys.platform == "win32":
        return None  # there, no writer is refused and nothing is removed
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
