"""Locks on files being written; the operating system releases them when a process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
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


def _if_abandoned(path: Path, do: Callable[[], None]) -> bool:
    """Do something with a file that no process has locked; return whether it was done."""
    try:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
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
