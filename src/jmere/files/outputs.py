"""Where an output goes: links resolved, devices told from files, inputs never written over."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

PART, STATE = ".part", ".state.json"
"""What a file that is written line by line has beside it until it is complete."""

STDIN = "-"
"""The name of the standard input on a command line."""

_OPEN_FILE = re.compile(r"/(?:dev|proc/(?:self|thread-self|\d+))/fd/(\d+)")

_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}

_MOST_LINKS = 40


def real_target(path: str | Path) -> Path:
    """The file that an output's name stands for, its links resolved; it need not exist yet.

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
    """Whether a name stands for a device, a pipe or an open file, which are not replaced."""
    if open_descriptor(path) is not None:
        return True
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def open_stream(path: str | Path) -> int:
    """Open what ``is_stream`` is true of, for writing where it stands; a file descriptor."""
    descriptor = open_descriptor(path)
    return os.open(path, os.O_WRONLY) if descriptor is None else os.dup(descriptor)


def open_descriptor(path: str | Path) -> int | None:
    """The number of this process's open file that a name such as ``/dev/stdout`` stands for."""
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
    """Give a new file the mode and, where allowed, the owner of the one that it is to replace."""
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
    """Let others read a file, as far as the user's umask does."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def keep_apart(
    outputs: Mapping[str, str | Path | None], inputs: Iterable[str | Path | None]
) -> None:
    """Refuse outputs that are one file with an input or with each other.

    Files are one where device and inode are, whatever their names and links; those that do
    not exist yet, where their resolved names are. An output that is a folder may not hold
    an input either, for a folder is replaced whole.

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
                raise ValueError(f"{name} {output}: this folder holds the input {path}")
    names = list(given)
    for count, name in enumerate(names):
        for other in names[:count]:
            if _are_one(given[name], str(given[other])):
                raise ValueError(f"{name} {given[name]}: is the file of {other} too")


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
