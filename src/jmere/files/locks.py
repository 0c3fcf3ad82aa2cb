"""Locks on files that are being written; the system drops them when their process ends."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def try_lock(descriptor: int) -> bool:
    """Lock an open file; false if another process, or another opening of it, has the lock.

    A process that was killed holds no lock, whatever has its number now. Where the file
    system has no locks, the answer is true.
    """
    return _lock(descriptor) is not False


def same_file(descriptor: int, path: Path) -> bool:
    """Whether ``path`` still names the file that is open as ``descriptor``."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


def remove_abandoned(path: Path) -> bool:
    """Remove a file whose writer has ended without removing it; whether that was the case."""
    try:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        if _lock(descriptor) and same_file(descriptor, path):
            with suppress(OSError):
                path.unlink()
                return True
        return False
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """True: locked; false: another has it; ``None``: there are no locks here."""
    if sys.platform == "win32":
        return None  # there, no writer is refused and nothing is removed
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
