"""Blocks of text in a picture: lines that are read one after another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jmere.records import Box, SceneObject

_MAX_GAP = 1.0
"""Maximum gap between two lines of a block, in heights of the lower line of letters."""

_MAX_RATIO = 1.8
"""Maximum ratio of the letter heights of neighbouring lines of a block."""

_SAME_ROW = 0.6
"""Share of the smaller height by which two pieces of one row overlap."""

_MAX_SPACE = 1.5
"""Maximum space between two pieces of a row, in heights."""

_NAME = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True)
class TextBlock:
    """Lines of one block, and the text they form, joined by spaces."""

    lines: tuple[SceneObject, ...]
    """In reading order, each with a box."""

    @property
    def text(self) -> str:
        """Return the words of all lines."""
        return " ".join(line.label for line in self.lines)

    @property
    def readable(self) -> str:
        """Return the text to read: one in capitals alone with only first letters capital.

        It has as many characters as ``text``, so that offsets are the same.

        Example:
            >>> TextBlock((SceneObject("ANN JOINS THE BBC"),)).readable
            'Ann Joins The Bbc'
            >>> TextBlock((SceneObject("Ann joins the BBC"),)).readable
            'Ann joins the BBC'
        """
        text = self.text
        if not text.isupper() or " " not in text:
            return text
        lower = _NAME.sub(lambda name: name[0].capitalize(), text)
        return lower if len(lower) == len(text) else text

    def box(self, start: int, end: int) -> Box:
        """Return the box of ``text[start:end]``, in pixels of the picture.

        Within a line, letters are taken as equally wide. Text over several lines has the box
        around its parts.

        Example:
            >>> above = SceneObject("Ann", (0, 0, 30, 9))
            >>> block = TextBlock((above, SceneObject("at home", (0, 9, 70, 18))))
            >>> block.text
            'Ann at home'
            >>> block.box(7, 11)
            (30.0, 9.0, 70.0, 18.0)
        """
        parts = [
            _part(line, max(start - first, 0), min(end - first, len(line.label)))
            for line, first in zip(self.lines, self._starts(), strict=True)
            if start < first + len(line.label) and end > first
        ]
        if not parts:
            raise ValueError(f"no letters from {start} to {end} of {self.text!r}")
        left, top, right, bottom = zip(*parts, strict=True)
        return min(left), min(top), max(right), max(bottom)

    def _starts(self) -> list[int]:
        starts, total = [], 0
        for line in self.lines:
            starts.append(total)
            total += len(line.label) + 1
        return starts


def text_blocks(lines: Sequence[SceneObject]) -> list[TextBlock]:
    """Group lines into blocks: near each other, one above the other, of similar height.

    Pieces of one row with little space between them are one line. A heading in much larger
    letters is a block of its own. Blocks go from top to bottom; lines without a box are left
    out.

    Example:
        >>> lines = [
        ...     SceneObject("TEAM NEWS", (0, 0, 200, 40)),
        ...     SceneObject("Ann signs for", (0, 60, 120, 76)),
        ...     SceneObject("the Rovers", (0, 80, 100, 96)),
        ... ]
        >>> [block.text for block in text_blocks(lines)]
        ['TEAM NEWS', 'Ann signs for the Rovers']
    """
    rows = _rows([line for line in lines if line.box is not None])
    blocks: list[list[list[SceneObject]]] = []
    for row in rows:
        above = next((block for block in reversed(blocks) if _follows(block[-1], row)), None)
        if above is None:
            blocks.append([row])
        else:
            above.append(row)
    return [TextBlock(tuple(line for row in block for line in row)) for block in blocks]


def _rows(lines: list[SceneObject]) -> list[list[SceneObject]]:
    """Join pieces side by side; rows go from top to bottom, pieces from left to right."""
    rows: list[list[SceneObject]] = []
    for line in sorted(lines, key=lambda each: _box(each)[0]):
        row = next((row for row in rows if _continues(row[-1], line)), None)
        if row is None:
            rows.append([line])
        else:
            row.append(line)
    return sorted(rows, key=lambda row: (_around(row)[1], _around(row)[0]))


def _continues(left: SceneObject, right: SceneObject) -> bool:
    one, other = _box(left), _box(right)
    low, high = sorted((one[3] - one[1], other[3] - other[1]))
    shared = min(one[3], other[3]) - max(one[1], other[1])
    space = other[0] - one[2]
    alike = high <= _MAX_RATIO * low and shared >= _SAME_ROW * low
    return alike and -low <= space <= _MAX_SPACE * high


def _follows(above: list[SceneObject], below: list[SceneObject]) -> bool:
    one, other = _around(above), _around(below)
    low, high = sorted((_letters(above), _letters(below)))
    gap = other[1] - one[3]
    overlap = min(one[2], other[2]) - max(one[0], other[0])
    return high <= _MAX_RATIO * low and -low <= gap <= _MAX_GAP * low and overlap > 0


def _letters(row: list[SceneObject]) -> float:
    """Return the height of a row's letters: that of its lowest piece."""
    return min(_box(line)[3] - _box(line)[1] for line in row)


def _around(row: list[SceneObject]) -> Box:
    left, top, right, bottom = zip(*map(_box, row), strict=True)
    return min(left), min(top), max(right), max(bottom)


def _part(line: SceneObject, start: int, end: int) -> Box:
    left, top, right, bottom = _box(line)
    letter = (right - left) / max(len(line.label), 1)
    return round(left + start * letter, 1), top, round(left + end * letter, 1), bottom


def _box(line: SceneObject) -> Box:
    assert line.box is not None, "lines without a box are left out"
    return line.box
