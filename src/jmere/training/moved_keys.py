"""Old keys of run files, which are still read until 0.4, with a warning."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

WARNING = "%s%s is called %s now; its old name will go"

MOVED = {
    "data.scenes": "visual.scenes",
    "data.features": "visual.features",
    "data.images": "visual.images",
    "data.detector": "visual.detector",
    "data.weights": "visual.weights",
    "data.visual": "visual.shown",
    "graphs.objects": "visual.objects",
}
"""Old key and new key of each value that is in another part of a run file now."""

NULL_IS_ABSENT = {"visual.objects"}
"""New keys that runs of 0.2 wrote out beside the old ones: empty, or with the same value."""


def moved_values(
    values: Mapping[str, Any], *, warn: bool = True, where: str | Path = ""
) -> dict[str, Any]:
    """Return the values of a run file, those under old keys at their new ones.

    Args:
        values: What the file says.
        warn: Whether to log a warning for each old key.
        where: Name of the file, for messages.

    Raises:
        ValueError: If the file has both the old and the new key.

    Example:
        >>> moved_values({"data": {"dev": "dev.jsonl", "images": "photos"}}, warn=False)
        {'data': {'dev': 'dev.jsonl'}, 'visual': {'images': 'photos'}}
    """
    moved = dict(values)
    for old, new in MOVED.items():
        (old_part, old_key), (part, key) = old.split("."), new.split(".")
        source, target = moved.get(old_part), moved.get(part, {})
        if not isinstance(source, Mapping) or old_key not in source:
            continue
        if not isinstance(target, Mapping):
            continue  # the part itself is wrong, which is told when it is read
        value = source[old_key]
        written_out = new in NULL_IS_ABSENT and target.get(key) in (None, value)
        if key in target and not written_out:
            raise ValueError(f"{_begin(where)}{old} is the old name of {new}; give one of them")
        if warn:
            log.warning(WARNING, _begin(where), old, new)
        moved[old_part] = {name: value for name, value in source.items() if name != old_key}
        moved[part] = {**target, key: value}
    return moved


def moved_settings(settings: Sequence[str], *, warn: bool = True) -> list[str]:
    """Return settings of the command line, old keys replaced by the new ones.

    Example:
        >>> moved_settings(["training.epochs=3", "visual.shown=none"])
        ['training.epochs=3', 'visual.shown=none']
    """
    found = []
    for setting in settings:
        name, equals, value = setting.partition("=")
        new = MOVED.get(name.strip())
        if new is not None:
            if warn:
                log.warning(WARNING, "--set ", name.strip(), new)
            setting = f"{new}{equals}{value}"
        found.append(setting)
    return found


def _begin(where: str | Path) -> str:
    return f"{where}: " if where else ""
