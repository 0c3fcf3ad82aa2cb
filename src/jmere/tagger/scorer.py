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

    def __call__(self, batch: NumpyBatch, *, alignment: bool = True) -> GridScores:
        """Score a batch; without ``alignment``, plan and attention are not computed."""

    def start(self, batch: NumpyBatch, *, alignment: bool = True) -> PendingScores:
        """Begin to score a batch, on threads of the engine if it has some."""
