"""Offsets in UTF-16 units, as JavaScript counts, and in characters, as Python counts."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

from jmere.data.fields import RecordError

_BMP_END = 0xFFFF


class Utf16Offsets:
    """Conversion of the offsets of one text between characters and UTF-16 units.

    A character outside the Basic Multilingual Plane, such as most emoji, has two units.

    Example:
        >>> offsets = Utf16Offsets("\N{GRINNING FACE} Ann")
        >>> offsets.units(2), offsets.characters(3)
        (3, 2)
    """

    def __init__(self, text: str) -> None:
        self._starts: list[int] | None = None
        if text and max(text) > chr(_BMP_END):
            widths = (1 + (ord(character) > _BMP_END) for character in text)
            self._starts = [0, *accumulate(widths)]

    def units(self, offset: int) -> int:
        """Return the offset in UTF-16 units of a character."""
        return offset if self._starts is None else self._starts[offset]

    def characters(self, offset: int) -> int:
        """Return the offset in characters of a UTF-16 unit; beyond the text it stays beyond.

        Raises:
            RecordError: If the offset is inside a surrogate pair.
        """
        if self._starts is None or offset < 0:
            return offset
        last = len(self._starts) - 1
        if offset > self._starts[last]:
            return last + offset - self._starts[last]
        index = bisect_left(self._starts, offset)
        if self._starts[index] != offset:
            raise RecordError(f"offset {offset} is inside a surrogate pair")
        return index
