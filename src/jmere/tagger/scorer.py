"""Scorer: turns a batch into scores of word pairs, whichever engine computes them."""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int

from jmere.inputs.batch import NumpyBatch
from jmere.tagger.engine_threads import EngineThreads

Backend = Literal["auto", "onnx", "torch"]
"""Engine of a model: ONNX Runtime where the folder has a graph and the library is installed, else
torch; or one of the two."""


@dataclass(frozen=True, eq=False)
class GridScores:
    """Scores of the tags of every pair of words, and how words match objects."""

    grids: Float32[np.ndarray, "posts words words tags"]
    """Unnormalised log-probabilities; padding may contain any value."""
    lengths: Int[np.ndarray, " posts"]
    """Number of words of each post."""
    plan: Float32[np.ndarray, "posts words objects"] | None = None
    """Transport plan, all 0 where the model has none; absent where no alignment is asked for or
    the model has none at all."""
    attention: Float32[np.ndarray, "posts words objects"] | None = None
    """Attention of words over objects; absent where the plan is."""
    names: Float32[np.ndarray, "posts words labels"] | None = None
    """Scores of the labels of words (``jmere.grid.word_labels``); absent where not asked for."""


@runtime_checkable
class PendingScores(Protocol):
    """Scores that are being computed."""

    def result(self) -> GridScores:
        """Wait for them."""


@runtime_checkable
class Scorer(Protocol):
    """A model that runs on some engine."""

    longest: int
    """Maximum number of pieces of a post, special ones included."""
    vocabulary: int
    """Number of pieces that the encoder has embeddings for."""

    @property
    def pool(self) -> EngineThreads | None:
        """The engine's threads; absent where it computes on the thread that calls it."""

    def __call__(
        self, batch: NumpyBatch, *, alignment: bool = True, names: bool = False
    ) -> GridScores:
        """Score a batch.

        Args:
            batch: The batch.
            alignment: Whether plan and attention are computed.
            names: Whether the labels of words are, by a model that has a head for names.
        """

    def start(
        self, batch: NumpyBatch, *, alignment: bool = True, names: bool = False
    ) -> PendingScores:
        """Begin to score a batch, on threads of the engine if it has some."""
