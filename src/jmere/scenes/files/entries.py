"""Entries of scene-graph files: checks shared by the toolkit and release formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jmere.data.fields import RecordError
from jmere.errors import OnProblem, Problem, short_repr


@contextmanager
def reported(path: str | Path, image: str, on_problem: OnProblem) -> Iterator[None]:
    """Report the problems of an entry to ``on_problem``, and continue after it."""
    try:
        yield
    except RecordError as error:
        on_problem(Problem(str(path), None, f"image {short_repr(image)}: {error}"))


def values_of(entry: object, key: str, length: int | None = None) -> list[object]:
    """Return the list under a key of an entry, of ``length`` values if that is given.

    Raises:
        RecordError: If it isn't there or has another length.
    """
    if not isinstance(entry, dict) or not isinstance(entry.get(key), list):
        raise RecordError(f"expected an object with a list {key!r}")
    found: list[object] = entry[key]
    if length is not None and len(found) != length:
        raise RecordError(f"{key}: expected {length} values, got {len(found)}")
    return found


def plain_name(name: str) -> str:
    """Return the words of a class or predicate: "traffic light" for ``traffic_light``."""
    return " ".join(name.replace("_", " ").split())


def quotable(path: Path) -> tuple[str, str]:
    """Return name and stem of a file, quoted safely for a shell command."""
    if re.fullmatch(r"[\w. -]+", path.name):
        return path.name, path.stem
    return f"FILE{path.suffix}", "FILE"
