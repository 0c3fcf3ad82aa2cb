"""JSON of bounded size and depth from untrusted files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from jmere.errors import _MAX_INTEGER_BITS, short_repr

_MAX_BYTES = 1 << 24
"""Maximum size of a settings or name file."""

DEEPEST = 64
"""Maximum nesting depth of lists and objects in a settings file."""


@runtime_checkable
class BinaryReader(Protocol):
    """Gives bytes: an open file or a decompressing stream."""

    def read(self, size: int = -1, /) -> bytes:
        """Read at most ``size`` bytes."""


def read_text(path: str | Path, *, max_bytes: int = _MAX_BYTES) -> str:
    """Read a UTF-8 file, with or without a byte order mark.

    Raises:
        ValueError: If it has more than ``max_bytes`` bytes, or is not UTF-8.
    """
    with Path(path).open("rb") as stream:
        return decode_stream(stream, max_bytes=max_bytes)


def decode_stream(stream: BinaryReader, *, max_bytes: int = _MAX_BYTES) -> str:
    """Read an open stream as UTF-8, with or without a byte order mark.

    Raises:
        ValueError: If it has more than ``max_bytes`` bytes, or is not UTF-8.
    """
    data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ValueError(f"longer than {max_bytes} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = data[error.start]
        raise ValueError(f"not UTF-8: 0x{byte:02x} at byte {error.start}") from None


def parse_json(text: str | bytes) -> Any:
    """Parse a JSON text.

    Raises:
        ValueError: If it is no JSON, or nested too deeply.

    Example:
        >>> parse_json('{"epochs": 3}')
        {'epochs': 3}
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise ValueError(f"not JSON: {error.msg} at {where}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise ValueError("not readable JSON: nested too deeply") from None
    except ValueError:
        raise ValueError("not readable JSON: a number has too many digits") from None


def read_json(path: str | Path, *, max_bytes: int = _MAX_BYTES) -> Any:
    """Read a JSON file of settings or names and check it with ``check_plain``.

    Raises:
        ValueError: If the file is too long, no JSON in UTF-8, or nested too deeply.
    """
    try:
        value = parse_json(read_text(path, max_bytes=max_bytes))
        check_plain(value)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return value


def check_plain(value: object) -> None:
    """Check that settings can be displayed, copied and written back.

    Raises:
        ValueError: If they are nested deeper than ``DEEPEST``, or hold a number of more than
            128 bits or text that is not valid Unicode.
    """
    waiting = [iter((value,))]
    while waiting:
        item = next(waiting[-1], waiting)
        if item is waiting:
            waiting.pop()
        elif isinstance(item, (dict, list)):
            if len(waiting) > DEEPEST:
                raise ValueError(f"nested deeper than {DEEPEST} levels")
            waiting.append(_parts(item))
        elif isinstance(item, str):
            _check_text(item)
        elif isinstance(item, int) and item.bit_length() > _MAX_INTEGER_BITS:
            raise ValueError(f"holds {short_repr(item)}")


def _parts(value: dict[Any, Any] | list[Any]) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    else:
        yield from value


def _check_text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError(f"{short_repr(text)} is not valid Unicode") from None
