"""Run files: one may extend another and then says only what differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from jmere.config import load_yaml, merge_values, override
from jmere.errors import short_repr
from jmere.files.packaged import find_config
from jmere.training.moved_keys import moved_settings, moved_values

EXTENDS = "extends"
"""Key of a run file that names the file it extends."""

MAX_CHAIN = 8
"""Files of a chain, each of which extends the next."""


def load_run(path: str | Path) -> dict[str, Any]:
    """Read the values of a run file, over those of the file that it extends.

    Mappings are merged, lists and values replaced (``merge_values``).

    Raises:
        ValueError: If a file is not in order, or the files extend each other in a circle.
        FileNotFoundError: If a file is missing.
    """
    values: dict[str, Any] = {}
    for _, own in reversed(run_chain(path, warn=True)):
        values = merge_values(values, own)
    return values


def run_chain(path: str | Path, *, warn: bool = False) -> list[tuple[Path, dict[str, Any]]]:
    """Read a run file, the file it extends, and so on, each with its own values.

    Args:
        path: The run file.
        warn: Whether to log a warning for each old key (``moved_keys``).

    Raises:
        ValueError: As ``load_run``.
        FileNotFoundError: As ``load_run``.
    """
    chain: list[tuple[Path, dict[str, Any]]] = []
    following: Path | None = Path(path)
    while following is not None:
        own = moved_values(load_yaml(following), warn=warn, where=following)
        chain.append((following, own))
        following = _extended(following, own)
        if following is None:
            break
        if any(following.samefile(known) for known, _ in chain):
            names = " -> ".join(str(each) for each in (*(known for known, _ in chain), following))
            raise ValueError(f"{path}: extends: the files extend each other in a circle: {names}")
        if len(chain) == MAX_CHAIN:
            raise ValueError(f"{path}: extends: a chain of more than {MAX_CHAIN} files")
    return chain


def with_settings(values: Mapping[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """Put settings, each ``key=value``, over the values of a run file; old keys are moved.

    Raises:
        ValueError: If a setting is not of that form.
    """
    return override(moved_values(deepcopy(dict(values))), moved_settings(settings))


@contextmanager
def run_faults(path: str | Path, settings: Sequence[str] = ()) -> Iterator[None]:
    """Name the file of a wrong value: the run file, or the one it extends that has the value.

    Args:
        path: The run file whose values are read meanwhile.
        settings: Of the command line; their faults are not of a file.
    """
    try:
        yield
    except ValueError as error:
        message = str(error)
        quiet = moved_settings(settings, warn=False)
        set_here = {setting.partition("=")[0].strip() for setting in quiet}
        if _mentions(message, set_here):
            raise
        chain = run_chain(path)
        named = (file for file, own in chain if _mentions(message, set(_places(own))))
        raise ValueError(f"{next(named, chain[0][0])}: {message}") from None


def _extended(path: Path, own: dict[str, Any]) -> Path | None:
    """Take ``extends`` out of a file's values and find the file it names."""
    if EXTENDS not in own:
        return None
    name = own.pop(EXTENDS)
    if not isinstance(name, str) or not name:
        expected = "expected the path of a run file, relative to this one"
        raise ValueError(f"{path}: extends: {expected}, got {short_repr(name)}")
    if (beside := path.parent / name).is_file():
        return beside
    try:
        return find_config(name if Path(name).name == name else beside, "runs")
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path}: extends: {error}") from None


def _places(values: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """List the dotted names of all values that are no mappings."""
    for key, value in values.items():
        place = f"{where}.{key}" if where else str(key)
        if isinstance(value, Mapping) and value:
            yield from _places(value, place)
        else:
            yield place


def _mentions(message: str, places: set[str]) -> bool:
    """Tell whether an error is of one of these values: it begins with the value's name."""
    found = re.match(r"(?:unknown key ')?([\w.]+)", message)
    return found is not None and found[1] in places
