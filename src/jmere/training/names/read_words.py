"""Posts with all their names, read by a frozen encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from jmere.grid.word_labels import labels_of_words
from jmere.inputs.prepare import PreparedPost, windows_of
from jmere.layers.encoder import WordEncoder, states_by_word
from jmere.layers.name_head import kept_states
from jmere.layers.tensor_batch import TensorBatch
from jmere.records import Post, SceneGraph
from jmere.tagger.batches import by_length
from jmere.tagger.tagger import Tagger
from jmere.terminal import progress
from jmere.training.names.score_names import annotated_names

_BATCH = 32


@dataclass(frozen=True, slots=True)
class ReadPost:
    """A post, or a window of a long one: the states of its words, and their labels."""

    states: Mapping[int, NDArray[np.float16]]
    """Words x hidden, by the layer of the encoder."""
    labels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.labels)


@torch.inference_mode()
def read_words(
    tagger: Tagger, posts: Sequence[Post], layers: Sequence[int], types: Sequence[str]
) -> list[ReadPost]:
    """Read posts by the encoder of a model on the torch engine, which training does not change.

    Args:
        tagger: The model.
        posts: Posts whose names are all annotated; their pictures are not looked at.
        layers: Layers of the encoder.
        types: Types of names by number, from 1.
    """
    network: Any = tagger.network
    encoder: WordEncoder = network.encoder
    windows = windows_of(tagger.prepare(posts, [SceneGraph()] * len(posts)))
    batches = list(by_length([window.length for window in windows], _BATCH))
    found: dict[int, ReadPost] = {}
    for numbers in progress(batches, "batches", name="reading"):
        chosen = [windows[number] for number in numbers]
        batch = TensorBatch.of(tagger.batch(chosen))
        with kept_states(encoder.transformer, layers) as kept:
            encoder(batch)
        by_layer = {
            layer: states.half().numpy()
            for layer, states in zip(layers, states_by_word(kept, batch), strict=True)
        }
        for row, number in enumerate(numbers):
            found[number] = _read(windows[number], row, by_layer, types)
    return [found[number] for number in range(len(windows))]


def _read(
    window: PreparedPost,
    row: int,
    by_layer: Mapping[int, NDArray[np.float16]],
    types: Sequence[str],
) -> ReadPost:
    size = len(window.words)
    return ReadPost(
        {layer: states[row, :size].copy() for layer, states in by_layer.items()},
        tuple(labels_of_words(list(annotated_names(window)), size, types)),
    )
