"""Text for pictures: Pillow's own font, or an installed one for letters that it lacks."""

from __future__ import annotations

import unicodedata
from typing import Any

from jmere.errors import require

INSTALLED = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "Arial.ttf")
"""Looked for, in this order, where the system keeps fonts."""

_NO_LETTER = "\U0010ffff"


class Lettering:
    """Writes at one size.

    Text that Pillow's font lacks letters for is written in the first of ``INSTALLED`` that
    has them all. Where none has, accents are dropped and the letters still lacking are
    crossed boxes.
    """

    def __init__(self, size: int) -> None:
        """Load Pillow's font; ``size`` is the height of a line's letters in pixels."""
        self._fonts: Any = require("PIL.ImageFont", "vision", "drawing on pictures")
        self.size = size
        self._own = self._fonts.load_default(size=size)
        self._others: list[Any] | None = None

    def set(self, text: str) -> tuple[Any, str]:
        """The font for a text, and the text as that font can show it."""
        line = "".join(each for each in " ".join(text.split()) if each.isprintable())
        if line.isascii():
            return self._own, line
        for font in (self._own, *self._installed()):
            if _has(font, line):
                return font, line
        bare = unicodedata.normalize("NFKD", line)
        return self._own, "".join(each for each in bare if not unicodedata.combining(each))

    def width(self, text: str) -> float:
        """How wide a text is in pixels."""
        font, line = self.set(text)
        return float(font.getlength(line))

    def fit(self, text: str, width: float) -> str:
        """A text, cut where it is wider than this."""
        if self.width(text) <= width:
            return text
        cut = text[: int(4 * width / self.size)]
        while cut and self.width(f"{cut}…") > width:
            cut = cut[:-1]
        return f"{cut.rstrip()}…"

    def _installed(self) -> list[Any]:
        if self._others is None:
            self._others = []
            for name in INSTALLED:
                try:
                    self._others.append(self._fonts.truetype(name, self.size))
                except OSError:  # noqa: PERF203
                    continue
        return self._others


def _has(font: Any, text: str) -> bool:
    """Whether a font has all letters of a text: those it lacks look like one that is none."""
    lacking = font.getmask(_NO_LETTER)
    shape, picture = lacking.size, bytes(lacking)
    masks = [font.getmask(each) for each in set(text)]
    return all(mask.size != shape or bytes(mask) != picture for mask in masks)
