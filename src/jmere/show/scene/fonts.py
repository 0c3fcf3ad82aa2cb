"""Fonts for drawings: Pillow's own, or an installed one for missing glyphs."""

from __future__ import annotations

import unicodedata
from typing import Any

from jmere.errors import require

INSTALLED = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "Arial.ttf")
"""System fonts to try, in order."""

_NO_LETTER = "\U0010ffff"


class Lettering:
    """Text renderer of one size.

    Text with glyphs that Pillow's font lacks uses the first of ``INSTALLED`` that has them all.
    Otherwise accents are dropped and missing glyphs become crossed boxes.
    """

    def __init__(self, size: int) -> None:
        """Load Pillow's font; ``size`` is the line height in pixels."""
        self._fonts: Any = require("PIL.ImageFont", "vision", "drawing on pictures")
        self.size = size
        self._own = self._fonts.load_default(size=size)
        self._others: list[Any] | None = None

    def set(self, text: str) -> tuple[Any, str]:
        """Return the font for a text, and the text as the font can show it."""
        line = "".join(each for each in " ".join(text.split()) if each.isprintable())
        if line.isascii():
            return self._own, line
        for font in (self._own, *self._installed()):
            if _has(font, line):
                return font, line
        bare = unicodedata.normalize("NFKD", line)
        return self._own, "".join(each for each in bare if not unicodedata.combining(each))

    def width(self, text: str) -> float:
        """Return the width of a text in pixels."""
        font, line = self.set(text)
        return float(font.getlength(line))

    def fit(self, text: str, width: float) -> str:
        """Shorten a text to a width."""
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
    """Return whether a font has all glyphs of a text."""
    lacking = font.getmask(_NO_LETTER)
    shape, picture = lacking.size, bytes(lacking)
    masks = [font.getmask(each) for each in set(text)]
    return all(mask.size != shape or bytes(mask) != picture for mask in masks)
