"""Output targets: resolve links, detect devices, and never overwrite an input."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

PART, STATE = ".part", ".state.json"
"""Suffixes of the temporary files beside an incomplete line-by-line output."""

STDIN = "-"
"""Name of standard input on the command line."""

_OPEN_FILE = re.compile(r"/(?:dev|proc/(?:self|thread-self|\d+))/fd/(\d+)")

_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}

_MOST_LINKS = 40


def real_target(path: str | Path) -> Path:
    """Return the file that an output path resolves to; it need not exist yet.

    Raises:
        OSError: If it is a folder, may not be written, or its links go round in a circle.
    """
    path = Path(path)
    with suppress(FileNotFoundError):
        path.stat()  # a circle of links ends here
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return target


def is_stream(path: str | Path) -> bool:
    """Return whether a path is a device, a pipe or an open file, which are not replaced."""
    if open_descriptor(path) is not None:
        return True
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def open_stream(path: str | Path) -> int:
    """Open a device, pipe or open file for writing; return the descriptor."""
    descriptor = open_descriptor(path)
    return os.open(path, os.O_WRONLY) if descriptor is None else os.dup(descriptor)


def open_descriptor(path: str | Path) -> int | None:
    """Return the descriptor number that a path such as ``/dev/stdout`` refers to."""
    name = os.path.abspath(path)  # noqa: PTH100 - resolves no link
    for _ in range(_MOST_LINKS):
        if name in _STREAMS:
            return _STREAMS[name]
        if match := _OPEN_FILE.fullmatch(name):
            return int(match[1])
        try:
            name = os.path.join(os.path.dirname(name), os.readlink(name))  # noqa: PTH115,PTH118,PTH120
        except OSError:
            return None
        name = os.path.normpath(name)
    return None


def take_on(temporary: Path, target: Path) -> None:
    """Copy the mode and, where allowed, the owner of the file to be replaced."""
    try:
        old = target.stat()
    except FileNotFoundError:
        apply_umask(temporary)
        return
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(temporary, old.st_uid, old.st_gid)
    temporary.chmod(stat.S_IMODE(old.st_mode))


def apply_umask(path: Path) -> None:
    """Set the file permissions that the user's umask allows."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def keep_apart(
    outputs: Mapping[str, str | Path | None], inputs: Iterable[str | Path | None]
) -> None:
    """Raise if an output is the same file as an input or another output.

    Existing files are compared by device and inode, others by resolved path. An output folder
    may not contain an input, because the folder is replaced.

    Args:
        outputs: Each by what the user calls it, such as ``--output``; ``None`` is passed over.
        inputs: Files that are read; ``None`` is passed over, ``-`` is the standard input.

    Raises:
        ValueError: If two are one; nothing has been opened.
    """
    given = {name: Path(path) for name, path in outputs.items() if path is not None}
    read = [str(path) for path in inputs if path is not None]
    for name, output in given.items():
        for path in read:
            for place in (output, *_beside(output)):
                if _are_one(place, path):
                    also = "" if place is output else f" ({place} is made on the way)"
                    raise ValueError(f"{name} {output}: would overwrite the input {path}{also}")
            if output.is_dir() and _holds(output, path):
                raise ValueError(f"{name} {output}: this folder contains the input {path}")
    names = list(given)
    for count, name in enumerate(names):
        for other in names[:count]:
            if _are_one(given[name], str(given[other])):
                raise ValueError(f"{name} {given[name]}: is the same file as {other}")


def _beside(output: Path) -> list[Path]:
    return [Path(f"{output}{end}") for end in (PART, STATE)]


def _are_one(output: Path, other: str) -> bool:
    one, two = _status(output), _status(other)
    if one is None or two is None:
        both_absent = one is None and two is None
        return both_absent and os.path.realpath(output) == os.path.realpath(other)
    # A terminal or /dev/null may be both; a pipe that is read and written never ends.
    shared = stat.S_ISREG(one.st_mode) or stat.S_ISFIFO(one.st_mode) or stat.S_ISDIR(one.st_mode)
    return shared and os.path.samestat(one, two)


def _status(path: str | Path) -> os.stat_result | None:
    try:
        return os.fstat(0) if str(path) == STDIN else os.stat(path)  # noqa: PTH116
    except OSError:
        return None


def _holds(folder: Path, path: str) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def checked_suffix(path: str | Path, suffixes: Iterable[str]) -> str:
    """Return the lower-case suffix of a drawing's file name.

    Example:
        >>> checked_suffix("graph.PNG", (".png", ".svg"))
        '.png'

    Raises:
        ValueError: If it is not one of ``suffixes``.
    """
    suffix = Path(path).suffix.lower()
    known = tuple(suffixes)
    if suffix not in known:
        expected = " or ".join(filter(None, (", ".join(known[:-1]), known[-1])))
        raise ValueError(f"{path}: cannot draw {suffix or 'this'}; expected {expected}")
    return suffix
