"""Streaming reader of a large JSON object, one member at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import TextIOBase
from typing import Any

_CHUNK = 1 << 20
_MAX_MEMBER = 1 << 28
_SPACE = re.compile(r"[ \t\n\r]*")
_decoder = json.JSONDecoder()


def members(stream: TextIOBase) -> Iterator[tuple[str, Any]]:
    """Yield key and value of each member of the JSON object in ``stream``, in order.

    One member is held at a time, with a megabyte of text around it, so the whole
    file may be larger than memory.

    Raises:
        ValueError: If the stream isn't one JSON object, or a member has more than
            2^28 characters.
    """
    text = _Window(stream)
    text.expect("{")
    if text.next() == "}":
        text.expect("}")
    else:
        yield text.member()
        while text.next() == ",":
            text.expect(",")
            yield text.member()
        text.expect("}")
    if after := text.next():
        raise ValueError(f"expected the end of the file after the object, got {after!r}")


class _Window:
    """Buffer of a stream that is being decoded; refilled when a value is incomplete."""

    def __init__(self, stream: TextIOBase) -> None:
        self._stream = stream
        self._text = ""
        self._place = 0
        self._before = 0

    def next(self) -> str:
        """Return the character after white space without consuming it; empty at the end."""
        while True:
            self._place = _end_of_space(self._text, self._place)
            if self._place < len(self._text) or not self._read(_CHUNK):
                return self._text[self._place : self._place + 1]

    def expect(self, character: str) -> None:
        """Consume ``character``."""
        if (found := self.next()) != character:
            got = repr(found) if found else "the end of the file"
            raise ValueError(f"{self._where()}: expected {character!r}, got {got}")
        self._place += 1

    def member(self) -> tuple[str, Any]:
        """Consume one ``key: value``."""
        while (found := self._decoded()) is None:
            # Reading twice as much each time keeps the work linear in the member's length.
            waiting = len(self._text) - self._place
            if waiting > _MAX_MEMBER:
                message = f"expected a member of at most {_MAX_MEMBER} characters"
                raise ValueError(f"{self._where()}: {message}")
            if not self._read(max(_CHUNK, waiting)):
                raise ValueError(f"{self._where()}: expected a whole 'name: value' in JSON")
        key, value, self._place = found
        return key, value

    def _decoded(self) -> tuple[str, Any, int] | None:
        """Decode the next member and its end; ``None`` if it is incomplete or invalid."""
        try:
            return _decode_member(self._text, self._place)
        except RecursionError:
            raise ValueError(f"{self._where()}: nested too deeply") from None
        except ValueError:
            return None

    def _where(self) -> str:
        return f"character {self._before + self._place}"

    def _read(self, characters: int) -> bool:
        more = self._stream.read(characters)
        self._before += self._place
        self._text = self._text[self._place :] + more
        self._place = 0
        return bool(more)


def _decode_member(text: str, position: int) -> tuple[str, Any, int]:
    key, position = _decoder.raw_decode(text, _end_of_space(text, position))
    position = _end_of_space(text, position)
    if not isinstance(key, str) or text[position : position + 1] != ":":
        raise ValueError("expected a name and a colon")
    value, position = _decoder.raw_decode(text, _end_of_space(text, position + 1))
    position = _end_of_space(text, position)
    if position == len(text):  # a number may go on
        raise ValueError("the file ends within a value")
    return key, value, position


def _end_of_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
