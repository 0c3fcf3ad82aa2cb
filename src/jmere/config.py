"""Configs as dataclasses, built from plain values with every key and value checked."""

from __future__ import annotations

import dataclasses
import logging
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

log = logging.getLogger(__name__)

_MODEL = "model.name"
_MAX_DEPTH = 8
_MAX_SHOWN = 100


def parse_config(kind: type[T], values: object, where: str = "") -> T:
    """Build a config of dataclass ``kind`` from plain values.

    Args:
        kind: A dataclass; fields that are dataclasses take nested values. A field that was
            renamed has ``metadata={"was": OLD}``; its old name is read, with a warning.
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
    for key, value in _renamed(values, known, where).items():
        path_of_key = f"{where}.{key}" if where else str(key)
        if key not in known:
            raise ValueError(f"unknown key {path_of_key[:80]!r}; {nearest(str(key), known)}")
        if dataclasses.is_dataclass(hints[key]) and isinstance(value, Mapping):
            filled[key] = parse_config(typing.cast("type[Any]", hints[key]), value, path_of_key)
        else:
            filled[key] = _checked(hints[key], value, path_of_key)
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


def merge_values(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Put values over others: mappings are merged, lists and single values replaced.

    A part with a ``name`` other than the base's, a ``model``, starts afresh: choices of one
    model are not those of another.
    """
    if "name" in values and values["name"] != base.get("name"):
        base = {}
    merged = dict(base)
    for key, value in values.items():
        under = merged.get(key)
        nested = isinstance(value, Mapping) and isinstance(under, Mapping)
        merged[key] = merge_values(under or {}, value) if nested else value
    return merged


def override(values: dict[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """Set ``part.key=value`` in nested values; a value is read as YAML.

    Another ``model.name`` comes first, whatever the order, and its part starts afresh.

    Raises:
        ValueError: If a setting is not of that form.

    Example:
        >>> override({"training": {"epochs": 3}}, ["training.epochs=5"])
        {'training': {'epochs': 5}}
    """
    for setting in sorted(settings, key=lambda each: each.partition("=")[0].strip() != _MODEL):
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
            value = parse_yaml(text)
        except ValueError as error:
            raise ValueError(f"{shown}: {error}") from None
        if name.strip() == _MODEL and target.get(last) != value:
            target.clear()
        target[last] = value
    return values


def _renamed(values: Mapping[Any, Any], known: Mapping[str, Any], where: str) -> dict[Any, Any]:
    """Give the values of fields that were renamed their new names."""
    old = ((field.metadata.get("was"), name) for name, field in known.items())
    names = {was: name for was, name in old if was is not None}
    renamed = {}
    for key, value in values.items():
        new = key if key in known else names.get(key, key)
        if new != key:
            place = f"{where}." if where else ""
            if new in values:
                raise ValueError(f"{place}{key} is the old name of {place}{new}; give one of them")
            log.warning("%s%s is called %s%s now; its old name will go", place, key, place, new)
        renamed[new] = value
    return renamed


@lru_cache(maxsize=256)
def _adapter(hint: Any) -> Any:
    return TypeAdapter(hint)


def _checked(hint: Any, value: Any, path_of_key: str) -> Any:
    try:
        checked = _adapter(hint).validate_python(value)
    except ValidationError as error:
        message = error.errors(include_input=False, include_url=False)[0]["msg"]
        raise ValueError(f"{path_of_key}: {message}, got {short_repr(value)}") from None
    if isinstance(checked, float) and not math.isfinite(checked):
        raise ValueError(f"{path_of_key}: expected a finite number, got {checked}")
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
