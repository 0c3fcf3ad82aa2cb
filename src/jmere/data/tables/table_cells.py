"""Values of table cells as values of JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from jmere.data.fields import RecordError
from jmere.errors import short_repr

NESTED = ("tokens", "alt_texts", "scene_graph", "quintuples", "entities", "groundings", "warnings")
"""Fields whose cells hold lists or objects: as they are, or as JSON."""


def plain_cell(value: object) -> Any:
    """Return a cell as text, number, boolean, list or object; ``None`` if it is empty.

    Example:
        >>> plain_cell(float("nan")), plain_cell(date(2026, 1, 31)), plain_cell(b"ab")
        (None, '2026-01-31', 'ab')
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, Mapping):
        items = ((str(key), plain_cell(item)) for key, item in value.items())
        return {key: item for key, item in items if item is not None}
    if hasattr(value, "tolist"):  # a number or an array of NumPy
        return plain_cell(value.tolist())
    if isinstance(value, Sequence):
        return [plain_cell(item) for item in value]
    if isinstance(value, datetime | date | time):
        text = value.isoformat()
        return None if text == "NaT" else text
    text = str(value)
    return None if text in ("<NA>", "NaT") else text


def id_cell(value: object) -> str | None:
    """Return an id of any type as text: ``17``, ``17.0`` and ``'17'`` are one.

    Example:
        >>> id_cell(17.0), id_cell("007"), id_cell(" ")
        ('17', '007', None)
    """
    plain = plain_cell(value)
    if isinstance(plain, float) and plain.is_integer():
        plain = int(plain)
    if plain is None or isinstance(plain, list | dict):
        return None
    return str(plain) if str(plain).strip() else None


def nested_cell(value: object) -> Any:
    """Return a list or an object, which a cell of text gives as JSON.

    Raises:
        RecordError: If a text is no JSON.
    """
    plain = plain_cell(value)
    if not isinstance(plain, str):
        return plain
    if not plain.strip():
        return None
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):
        raise RecordError(f"expected JSON, got {short_repr(plain)}") from None
