"""Word vectors for the bundled parser: a sentence encoder's own, made short."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from spacy.strings import StringStore
from spacy.vectors import Vectors

VECTOR_SCALE = 0.25
"""Size of the vectors' numbers, near that of the embeddings that a pipeline learns beside them."""

_TABLE = "embeddings.word_embeddings.weight"


def word_vectors(encoder: str | Path, *, words: int, width: int) -> Vectors:
    """The vectors of an encoder's commonest whole words, by principal components.

    Args:
        encoder: Folder of a BERT-like encoder with lower-case pieces: ``vocab.txt``, whose
            order is that of frequency, and ``model.safetensors``.
        words: How many words to take.
        width: How many components to keep.

    Returns:
        Vectors by ``token.norm``, with a root mean square of ``VECTOR_SCALE``.

    Raises:
        FileNotFoundError: If the folder lacks one of the files.
        ValueError: If the weights are not those of a BERT-like encoder.
    """
    encoder = Path(encoder)
    for name in ("vocab.txt", "model.safetensors"):
        if not (encoder / name).is_file():
            raise FileNotFoundError(f"{encoder}: no {name}; expected the folder of an encoder")
    pieces = (encoder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    try:
        with safe_open(encoder / "model.safetensors", framework="numpy") as file:
            if _TABLE not in file.keys():  # noqa: SIM118
                raise ValueError(f"{encoder}: no {_TABLE!r} among its weights")
            table: NDArray[np.float32] = file.get_tensor(_TABLE)
    except SafetensorError as error:
        raise ValueError(f"{encoder}: damaged weights ({error})") from None
    whole = [row for row, piece in enumerate(pieces[: len(table)]) if _is_word(piece)][:words]
    strings = StringStore()
    return Vectors(
        strings=strings,
        data=_principal(table[whole], width),
        keys=[strings.add(pieces[row]) for row in whole],
        name=encoder.name,
        attr="NORM",
    )


def _is_word(piece: str) -> bool:
    return piece.isascii() and not piece.startswith(("##", "[")) and len(piece) > 0


def _principal(table: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    centred = table - table.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    short = centred @ axes[:, ::-1][:, :width]
    scaled: NDArray[np.float32] = short * (VECTOR_SCALE / np.sqrt(np.mean(short**2)))
    return np.ascontiguousarray(scaled, dtype=np.float32)
