"""Configs of the parts beside a model: its heads."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from jmere.config import parse_config
from jmere.files.json_values import read_json
from jmere.files.schema import check_version

T = TypeVar("T")


def read_part_config(path: Path, kind: type[T], *, version: int) -> T:
    """Read the config of a part of a model.

    Args:
        path: The JSON file.
        kind: Class of the config.
        version: The latest version of its form.

    Raises:
        ValueError: If the config is damaged or of a later version.
    """
    values = read_json(path)
    if not isinstance(values, dict):
        raise ValueError(f"{path}: expected an object")
    rest = dict(values)
    check_version(rest.pop("schema_version", None), version, where=path)
    try:
        return parse_config(kind, rest)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from None
