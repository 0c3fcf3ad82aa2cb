"""Word vectors of an encoder, as the predicate classifier takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer

from jmere.pretrained.encoders import load_transformer
from jmere.pretrained.hub import local_only
from jmere.records import FloatArray
from jmere.vision.relate.label_vectors import WordTable, label_words

_WORD = re.compile(r"[a-z]+")
_SHORTEST = 3


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
