"""Dataset records in JSON or as Python literals, one per line or in one list."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jmere.data.fields import RecordError
from jmere.data.readers.lines import MAX_LINE, decoded, numbered_lines
from jmere.errors import short_repr

_MAX_LENGTH = 100_000
"""Maximum length of a record; Python literals need much memory to parse."""

_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'?|\"(?:[^\"\\]|\\.)*\"?|[\[\](){},]", re.DOTALL)
_NAMES = {"null": None, "true": True, "false": False, "nan": None, "NaN": None}
_BLANKS = " \t\r\n"
_BLANK = re.compile(rf"[{_BLANKS}]*")


@dataclass(frozen=True, slots=True)
class LiteralSource:
    """Source text of a record."""

    line: int
    """Line number of its start."""
    text: str
    fault: str | None = None
    """Reason why it cannot be parsed, if known."""

    def value(self) -> object:
        """Parse the record as JSON or as a Python literal; ``null`` means None.

        Raises:
            RecordError: If it is neither, too long, or nested too deep.
        """
        if self.fault is not None:
            raise RecordError(self.fault)
        try:
            value: object = json.loads(self.text)
        except (ValueError, RecursionError):
            return _literal(self.text)
        return value


def sources(path: str | Path, *, max_length: int = _MAX_LENGTH) -> Iterator[LiteralSource]:
    """Split a file into records: its lines, or the items of the list it starts with.

    Blank lines are passed over, and a line may end in a comma. A list is held in memory.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: If it is damaged.
    """
    lines = numbered_lines(path, max_bytes=MAX_LINE)
    for number, raw in lines:
        if raw.lstrip().startswith(b"["):
            rest = (line for _, line in lines)
            # Bytes that are not UTF-8 become lone surrogates, which `text_of` refuses.
            text = b"\n".join([raw, *rest]).decode(errors="surrogateescape")
            yield from _items(text, number, max_length)
        elif raw.strip():
            try:
                yield LiteralSource(
                    number, decoded(raw, max_bytes=max_length).strip(_BLANKS).rstrip(",")
                )
            except RecordError as error:
                yield LiteralSource(number, "", "; ".join(error.messages))


def _items(text: str, line: int, max_length: int) -> Iterator[LiteralSource]:
    """Split the text of a list at its top-level commas."""
    depth, start, counted = 0, 0, 0
    for found in _TOKEN.finditer(text):
        sign, position = found[0], found.start()
        if sign in ("[", "(", "{"):
            depth += 1
            start = position + 1 if depth == 1 else start
        if sign in ("]", ")", "}"):
            depth -= 1
        if depth == 0 or (depth == 1 and sign == ","):
            first = _first(text, start, position)
            line, counted = line + text.count("\n", counted, first), first
            yield from _item(line, text[first:position], max_length)
            start = position + 1
        if depth == 0:
            break
    first = _first(text, start, len(text))
    line += text.count("\n", counted, first)
    if depth:
        yield LiteralSource(line, "", "the list does not end: expected ']' after its last record")
    elif first < len(text):
        yield LiteralSource(line, "", "unexpected content after the list of records")


def _first(text: str, start: int, end: int) -> int:
    """Return the index of the first non-blank character from ``start`` on."""
    found = _BLANK.match(text, start, end)
    return start if found is None else found.end()


def _item(line: int, text: str, max_length: int) -> Iterable[LiteralSource]:
    text = text.strip(_BLANKS)
    if len(text) > max_length:
        return [LiteralSource(line, "", f"the record is longer than {max_length} characters")]
    return [LiteralSource(line, text)] if text else []


def _literal(text: str) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a backslash that escapes nothing
            tree = _Names().visit(ast.parse(text, mode="eval"))
        value: object = ast.literal_eval(tree)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        raise RecordError(f"neither JSON nor a Python literal: {short_repr(text)}") from None
    return value


class _Names(ast.NodeTransformer):
    """Replaces the JSON constants in a Python literal."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Constant(_NAMES[node.id]) if node.id in _NAMES else node
