"""Config of a run in its folder, compared with that of a resumed run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from jmere.config import load_yaml
from jmere.errors import one_line
from jmere.files.whole import written_whole
from jmere.training.claim import CHECKPOINT, MODEL, USED_CONFIG
from jmere.training.moved_keys import moved_values
from jmere.training.run_config import RunConfig

FREE = ("training.epochs", "training.patience")
"""Keys that a resumed run may change."""


def check_resumable(config: RunConfig, *, resume: bool) -> None:
    """Refuse an output folder with a run that cannot be resumed.

    A run without checkpoint and model starts again, with any config.

    Raises:
        ValueError: If the folder contains a run and ``resume`` is off, or a run of another
            config; every key that differs is named.
    """
    folder = Path(config.output)
    used = folder / USED_CONFIG
    if not used.exists():
        return
    if not resume:
        raise ValueError(f"{folder}: already contains a run; pass --resume to continue it")
    if any((folder / name).exists() for name in (CHECKPOINT, MODEL)):
        before = RunConfig.parse(moved_values(load_yaml(used), warn=False)).to_json()
        different = [
            each for each in config_differences(before, config.to_json()) if each[0] not in FREE
        ]
        if different:
            named = "; ".join(
                f"{key} was {_short(old)}, is {_short(new)}" for key, old, new in different
            )
            raise ValueError(
                f"{used}: the run to resume had another config than this one: {named}; "
                f"only {' and '.join(FREE)} may change"
            )


def write_config(config: RunConfig) -> None:
    """Write the config of a run into its output folder."""
    with written_whole(Path(config.output) / USED_CONFIG) as stream:
        stream.write(yaml.safe_dump(config.to_json(), sort_keys=False, allow_unicode=True))


def config_differences(
    before: Mapping[str, Any], now: Mapping[str, Any], part: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """Yield each key whose value differs, such as ``training.seed``, with both values.

    Example:
        >>> list(config_differences({"training": {"seed": 1}}, {"training": {"seed": 2}}))
        [('training.seed', 1, 2)]
    """
    for key in dict.fromkeys([*before, *now]):
        old, new = before.get(key), now.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from config_differences(old, new, f"{part}{key}.")
        elif old != new:
            yield f"{part}{key}", old, new


def _short(value: object) -> str:
    return one_line(ValueError(value))[:60] or "''"
