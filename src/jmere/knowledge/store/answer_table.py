"""Answers to queries as a text table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jmere.terminal import aligned


def answer_table(body: bytes, prefixes: Mapping[str, str]) -> str:
    """Return SPARQL results in JSON as a table, or ``true`` or ``false``.

    Example:
        >>> body = b'{"head": {"vars": ["n"]}, "results": {"bindings": []}}'
        >>> answer_table(body, {})
        'n'
    """
    value = json.loads(body)
    if "boolean" in value:
        return "true" if value["boolean"] else "false"
    names = value["head"]["vars"]
    rows = [
        [_cell(row[name], prefixes) if name in row else "" for name in names]
        for row in value["results"]["bindings"]
    ]
    return aligned(names, rows, numeric=False)


def _cell(term: dict[str, Any], prefixes: Mapping[str, str]) -> str:
    text = str(term["value"])
    if term["type"] != "uri":
        return text
    for prefix, full in prefixes.items():
        if text.startswith(full):
            return f"{prefix}:{text[len(full) :]}"
    return text
