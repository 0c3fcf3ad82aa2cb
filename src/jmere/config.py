"""Configs as dataclasses, built from plain values with every key and value checked."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from jmere.errors import nearest, short_repr
from jmere.files.json_values import read_text
from jmere.files.yaml_values import MAX_BYTES, parse_yaml

T = TypeVar("T")

_MAX_DEPTH = 8
_MAX_SHOWN = 100


def parse_config(kind: type[T], values: object, where: str = "") -> T:
    """Build a config of dataclass ``kind`` from plain values.

    Args:
        kind: A dataclass; fields that are dataclasses take nested values.
        values: Keys and values, as read from a file.
        where: Name of this part of the file, for messages.

    Raises:
        ValueError: If a key is unknown, with the nearest known one, or a value is wrong.
    """
    hints = typing.get_type_hints(kind)
    known = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if not isinstance(values, Mapping):
        raise ValueError(f"{where or 'config'}: expected keys and values, got {short_repr(values)}")
    filled = {}
    for key, value in values.items():
        place = f"{where}.{key}" if where else str(key)
        if key not in known:
            raise ValueError(f"unknown key {place[:80]!r}; {nearest(str(key), known)}")
        if dataclasses.is_dataclass(hints[key]) and isinstance(value, Mapping):
            filled[key] = parse_config(typing.cast("type[Any]", hints[key]), value, place)
        else:
            filled[key] = _checked(hints[key], value, place)
    try:
        return kind(**filled)
    except TypeError as error:
        raise ValueError(f"{where or 'config'}: {_missing(kind, filled) or error}") from None


def load_yaml(path: str | Path) -> dict[str, Any]:
    """Read a YAML file of keys and values.

    Raises:
        ValueError: If the file is not YAML (``parse_yaml``), or not keys and values.
    """
    try:
        values = parse_yaml(read_text(path, max_bytes=MAX_BYTES))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if not isinstance(values, dict):
        raise ValueError(f"{path}: expected keys and values")
    return values


def override(values: dict[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """Set ``part.key=value`` in nested values; a value is read as YAML.

    Raises:
        ValueError: If a setting is not of that form.

    Example:
        >>> override({"training": {"epochs": 3}}, ["training.epochs=5"])
        {'training': {'epochs': 5}}
    """
    for setting in settings:
        name, equals, text = setting.partition("=")
        shown = f"--set {setting if len(setting) <= _MAX_SHOWN else setting[:_MAX_SHOWN] + '...'}"
        *parts, last = name.strip().split(".")
        if not equals or not last or len(parts) > _MAX_DEPTH:
            raise ValueError(f"{shown}: expected key=value, such as training.epochs=3")
        target = values
        for part in parts:
            target = target.setdefault(part, {})
            if not isinstance(target, dict):
                raise ValueError(f"{shown}: {short_repr(part)} is a value, not a part")
        try:
            target[last] = parse_yaml(text)
        except ValueError as error:
            raise ValueError(f"{shown}: {error}") from None
    return values


@lru_cache(maxsize=256)
def _adapter(hint: Any) -> Any:
    return TypeAdapter(hint)


def _checked(hint: Any, value: Any, place: str) -> Any:
    try:
        checked = _adapter(hint).validate_python(value)
    except ValidationError as error:
        message = error.errors(include_input=False, include_url=False)[0]["msg"]
        raise ValueError(f"{place}: {message}, got {short_repr(value)}") from None
    if isinstance(checked, float) and not math.isfinite(checked):
        raise ValueError(f"{place}: expected a finite number, got {checked}")
    return checked


def _missing(kind: Any, filled: Mapping[str, Any]) -> str:
    absent = [
        field.name
        for field in dataclasses.fields(kind)
        if field.name not in filled
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    ]
    return f"{', '.join(absent)} must be given" if absent else ""
