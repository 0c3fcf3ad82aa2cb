"""An image's entry in a file of scene graphs: what the toolkit's and the authors' form share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jmere.data.fields import RecordError
from jmere.errors import OnProblem, Problem, short_repr


@contextmanager
def reported(path: str | Path, image: str, on_problem: OnProblem) -> Iterator[None]:
    """Tell ``on_problem`` what is wrong with an entry, and go on after it."""
    try:
        yield
    except RecordError as error:
        on_problem(Problem(str(path), None, f"image {short_repr(image)}: {error}"))


def values_of(entry: object, key: str, length: int | None = None) -> list[object]:
    """The list under a key of an entry, of ``length`` values where that is given.

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
    """The words of a class or predicate: "traffic light" for ``traffic_light``."""
    return " ".join(name.replace("_", " ").split())


def quotable(path: Path) -> tuple[str, str]:
    """Name and stem of a file for a command that a user may copy; none that could do harm there."""
    if re.fullmatch(r"[\w. -]+", path.name):
        return path.name, path.stem
    return f"FILE{path.suffix}", "FILE"
