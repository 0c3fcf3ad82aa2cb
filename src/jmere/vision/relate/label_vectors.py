"""Word vectors of object labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jmere.pretrained.encoders import load_transformer
from jmere.pretrained.hub import local_only
from jmere.records import FloatArray

_WORD = re.compile(r"[a-z]+")
_SHORTEST = 3
_MAX_LENGTH = 100


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

    @classmethod
    def of(cls, vectors: Mapping[str, FloatArray]) -> WordTable:
        """Build a table of vectors, quantised to int8."""
        table = np.stack(list(vectors.values()))
        scales = np.abs(table).max(axis=1) / 127
        integers = np.round(table / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
        return cls(tuple(vectors), integers, scales.astype(np.float32))

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
        rows = [self.vector(label) for label in labels]
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


def word_table(encoder: str | Path, *, extra: Iterable[str], width: int) -> WordTable:
    """Build a table of an encoder's whole words and the words of some labels.

    A word's vector is the mean of its pieces' outputs in "a photo of a WORD", reduced by PCA. In
    this context visually similar nouns are closer than in isolation ("man" is near "person"
    rather than "can").

    Args:
        encoder: Folder of a BERT-like encoder with lower-case pieces.
        extra: Labels whose words are in the table though they be rare.
        width: Number of components to keep.
    """
    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(
        str(encoder), trust_remote_code=False, local_files_only=local_only(encoder)
    )
    model = load_transformer(encoder).eval()
    whole = [
        word
        for word, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
        if _WORD.fullmatch(word) and len(word) >= _SHORTEST
    ]
    words = list(dict.fromkeys([*whole, *(word for label in extra for word in label_words(label))]))
    found = []
    with torch.inference_mode():
        for start in range(0, len(words), 256):
            texts = [f"a photo of a {word}" for word in words[start : start + 256]]
            batch = tokenizer(texts, padding=True, return_tensors="pt")
            mask = batch["attention_mask"][:, :, None]
            states = model(**batch).last_hidden_state * mask
            found.append((states.sum(dim=1) / mask.sum(dim=1)).numpy())
    return WordTable.of(dict(zip(words, _principal(np.concatenate(found), width), strict=True)))


def _principal(table: FloatArray, width: int) -> FloatArray:
    """Project on the first principal components, scaled to a mean square of 1."""
    centred = table - table.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    short = centred @ axes[:, ::-1][:, :width]
    scaled: FloatArray = (short / np.sqrt(np.mean(short**2))).astype(np.float32)
    return scaled
