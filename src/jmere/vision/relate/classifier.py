"""Predicate classifier with its configuration, word vectors and prior."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from jmere.config import parse_config
from jmere.errors import one_line
from jmere.files.bundled import bundled
from jmere.files.json_values import read_json, read_text
from jmere.files.outputs import apply_umask
from jmere.files.whole import write_json, written_whole
from jmere.records import FloatArray
from jmere.vision.relate.geometry import WIDTH, Int64s, in_frame, pair_features
from jmere.vision.relate.label_vectors import WordTable, cosines, same_label
from jmere.vision.relate.network import PairNetwork, PairSizes, direct_effect, sigmoid, softmax
from jmere.vision.relate.prior import FrequencyPrior, Mixture

CONFIG, WEIGHTS, WORDS = "config.json", "model.safetensors", "words.txt"
SHARPNESS = 0.1
"""Temperature of the similarity weights of known labels, in cosine distance."""

MAX_TRIPLES = 1 << 27
"""Maximum number of label-label-predicate triples: the size of the prior."""

NEIGHBOURS = 3
"""Number of known labels that represent an unknown one."""


@dataclass(frozen=True, kw_only=True)
class RelateConfig:
    """Vocabulary and sizes of a classifier."""

    labels: tuple[str, ...]
    """Object labels of the training data, in the prior's order."""
    predicates: tuple[str, ...]
    hidden: int = 512
    appearance: int = 0
    """Width of the appearance vectors; 0 if the classifier takes none."""

    effect: float = 0.75
    """Debiasing share of the unbiased mode, chosen on dev: the weight of the label-only logits that
    are subtracted; 1 is the total direct effect, under which rare predicates win by noise.
    """

    def __post_init__(self) -> None:
        if not 0 <= self.effect <= 1:
            raise ValueError(f"relate.effect must be in [0, 1], got {self.effect}")
        if not self.labels or not self.predicates:
            raise ValueError("relate.labels and relate.predicates must not be empty")
        if len(self.labels) ** 2 * len(self.predicates) > MAX_TRIPLES:
            raise ValueError(f"relate.labels and relate.predicates make over {MAX_TRIPLES} triples")
        if self.hidden < 1 or self.appearance < 0:
            raise ValueError("relate.hidden must be positive and relate.appearance not negative")


@dataclass(frozen=True, slots=True, eq=False)
class PairProbabilities:
    """Predicted probabilities of ordered pairs of objects."""

    predicates: FloatArray
    """Probability of each predicate given a relation; pairs x predicates, rows sum to 1."""
    related: FloatArray
    """Probability of any relation."""

    def best(self) -> tuple[Int64s, FloatArray]:
        """Return the most probable predicate of each pair, and its probability."""
        chosen = self.predicates.argmax(axis=1)
        return chosen, self.predicates[np.arange(len(chosen)), chosen] * self.related


class Classifier:
    """Classifier of ordered pairs of labelled boxes.

    The bundled weights were trained without appearance features.
    """

    def __init__(
        self, config: RelateConfig, *, words: WordTable, prior: FrequencyPrior, network: PairNetwork
    ) -> None:
        self.digest = ""
        """SHA-256 of the weights file; empty if the classifier was not loaded."""
        self.config, self.words, self.prior = config, words, prior
        self.network = network
        self._known = words.vectors(config.labels)
        self._label_indices = {
            same_label(label): index for index, label in enumerate(config.labels)
        }

    def predict(
        self,
        labels: FloatArray,
        mixtures: Mixture,
        boxes: NDArray[np.float64],
        pairs: Int64s,
        *,
        appearance: FloatArray | None = None,
        prior: bool = True,
        unbiased: bool = False,
    ) -> PairProbabilities:
        """Predict the relations of pairs of objects.

        Args:
            labels: Label vectors of the objects (``vectors``).
            mixtures: Objects as mixtures of known labels (``mixtures``).
            boxes: Boxes of the objects, in any unit.
            pairs: Indices of subject and object.
            appearance: Appearance vectors of the objects, if available.
            prior: Whether to use the frequency prior.
            unbiased: Judge by the direct effect of boxes and appearance, what labels alone make
                likely taken off (``RelateConfig.effect``); the prior takes no part.
        """
        evidence = None
        if prior and not unbiased:
            probabilities = self.prior.of(mixtures.of(pairs[:, 0]), mixtures.of(pairs[:, 1]))
            evidence = self.prior.evidence(probabilities)
        geometry = pair_features(in_frame(boxes), pairs)
        full = self.network.logits(labels, pairs, geometry, prior=evidence, appearance=appearance)
        logits = full.predicates
        if unbiased:
            blind = self.network.logits(labels, pairs, geometry, blind=True)
            logits = direct_effect(logits, blind.predicates, share=self.config.effect)
        return PairProbabilities(softmax(logits), sigmoid(full.related))

    def vectors(self, labels: Sequence[str]) -> FloatArray:
        """Return one vector per label."""
        return self.words.vectors(labels)

    def mixtures(self, labels: Sequence[str]) -> Mixture:
        """Represent each label by known ones: itself, or its nearest ``NEIGHBOURS``."""
        likeness = cosines(self.words.vectors(labels), self._known)
        for row, label in enumerate(labels):
            if (index := self._label_indices.get(same_label(label))) is not None:
                likeness[row] = -np.inf
                likeness[row, index] = 1
        chosen = np.argsort(-likeness, axis=1, kind="stable")[:, :NEIGHBOURS]
        best = np.take_along_axis(likeness, chosen, axis=1)
        shares = np.exp((best - best[:, :1]) / SHARPNESS)
        return Mixture(chosen, (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32))

    def save(self, folder: str | Path) -> None:
        """Write the classifier's files; weights in half precision, word vectors in int8."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        tensors: dict[str, NDArray[Any]] = {
            f"network.{name}": array.astype(np.float16)
            for name, array in self.network.weights.items()
        }
        triples = np.argwhere(self.prior.counts > 0)
        tensors["prior.triples"] = triples.astype(np.int16)
        tensors["prior.counts"] = self.prior.counts[tuple(triples.T)]
        tensors["words.integers"], tensors["words.scales"] = self.words.integers, self.words.scales
        write_json(folder / CONFIG, asdict(self.config))
        with written_whole(folder / WORDS) as stream:
            stream.write("\n".join(self.words.words) + "\n")
        # The file takes an array's memory as it lies.
        save_file(
            {name: np.ascontiguousarray(array) for name, array in tensors.items()}, folder / WEIGHTS
        )
        apply_umask(folder / WEIGHTS)

    @classmethod
    def load(cls, folder: str | Path | None = None) -> Classifier:
        """Load a classifier's folder, by default the bundled one.

        Raises:
            FileNotFoundError: If a file is missing.
            ValueError: If one is damaged, or they do not go together.
        """
        folder = bundled("relations") if folder is None else folder
        folder = Path(folder)
        for name in (CONFIG, WEIGHTS, WORDS):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"{folder}: no {name}; expected a classifier folder")
        try:
            config = parse_config(RelateConfig, read_json(folder / CONFIG))
            words = read_text(folder / WORDS).split()
            tensors = load_file(folder / WEIGHTS)
            table = WordTable(words, tensors.pop("words.integers"), tensors.pop("words.scales"))
            counts = np.zeros((*[len(config.labels)] * 2, len(config.predicates)), np.float32)
            triples = tensors.pop("prior.triples").astype(np.int64)
            if (triples < 0).any():
                raise ValueError("prior.triples has a number below 0")
            counts[tuple(triples.T)] = tensors.pop("prior.counts")
            weights = {
                name.removeprefix("network."): array.astype(np.float32)
                for name, array in tensors.items()
            }
            network = PairNetwork(network_sizes(config, table.width), weights)
        except (
            *(ValueError, SafetensorError, RuntimeError, KeyError, IndexError, TypeError),
            *(AttributeError, OverflowError, MemoryError),
        ) as error:
            reason = one_line(error)
            raise ValueError(f"{folder}: not a relation classifier ({reason})") from None
        classifier = cls(config, words=table, prior=FrequencyPrior(counts), network=network)
        classifier.digest = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
        return classifier


def network_sizes(config: RelateConfig, words: int) -> PairSizes:
    """Return the sizes of a classifier's network; ``words`` is the width of word vectors."""
    return PairSizes(
        words=words,
        geometry=WIDTH,
        hidden=config.hidden,
        predicates=len(config.predicates),
        appearance=config.appearance,
    )
