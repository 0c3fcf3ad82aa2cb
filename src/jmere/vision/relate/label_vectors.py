"""Word vectors of object labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from jmere.files.int8_rows import quantize_rows
from jmere.records import FloatArray

_WORD = re.compile(r"[a-z]+")
_MAX_LENGTH = 100
_REMEMBERED = 1_000


def label_words(label: str) -> list[str]:
    """Split a label into lower-case words.

    >>> label_words("Traffic_light")
    ['traffic', 'light']
    """
    return _WORD.findall(label[:_MAX_LENGTH].lower())


def same_label(label: str) -> str:
    """Return the canonical form of a label: "traffic_light" becomes "traffic light"."""
    return " ".join(label_words(label)) or label


class WordTable:
    """Word vectors of common words, stored as int8 with a scale per word."""

    def __init__(
        self, words: Sequence[str], integers: NDArray[np.int8], scales: NDArray[np.float32]
    ) -> None:
        if not len(words) == len(integers) == len(scales):
            raise ValueError(
                f"{len(words)} words, {len(integers)} vectors and {len(scales)} scales; "
                "expected as many of each"
            )
        self.words, self.integers, self.scales = tuple(words), integers, scales
        self._rows = {word: row for row, word in enumerate(self.words)}
        self._remembered = lru_cache(_REMEMBERED)(self.vector)

    @classmethod
    def of(cls, vectors: Mapping[str, FloatArray]) -> WordTable:
        """Build a table of vectors, quantised to int8."""
        integers, scales = quantize_rows(np.stack(list(vectors.values())))
        return cls(tuple(vectors), integers, scales[:, 0])

    @property
    def width(self) -> int:
        """Return the dimension of the vectors."""
        return int(self.integers.shape[1])

    def vector(self, label: str) -> FloatArray:
        """Return the mean vector of a label's words; zero if no word is known."""
        rows = [row for word in label_words(label) if (row := self._row(word)) is not None]
        if not rows:
            return np.zeros(self.width, np.float32)
        mean: FloatArray = (self.integers[rows] * self.scales[rows, None]).mean(axis=0)
        return mean

    def vectors(self, labels: Iterable[str]) -> FloatArray:
        """Return one vector per label."""
        rows = list(map(self._remembered, labels))
        return np.stack(rows) if rows else np.zeros((0, self.width), np.float32)

    def _row(self, word: str) -> int | None:
        """Return the row of a word, or of its singular."""
        return self._rows.get(word, self._rows.get(word.removesuffix("s")))


def cosines(vectors: FloatArray, others: FloatArray) -> FloatArray:
    """Return the cosine of every pair of vectors; 0 with a zero vector."""
    result: FloatArray = _directions(vectors) @ _directions(others).T
    return result


def _directions(vectors: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: FloatArray = vectors / np.maximum(lengths, 1e-12)
    return result
