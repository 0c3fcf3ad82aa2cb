"""Network of the predicate classifier at inference: two labels and two boxes to logits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from jmere.records import FloatArray
from jmere.vision.relate.geometry import Int64s

_ERF_SLOPE = 0.3275911
_ERF_TERMS = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
"""Abramowitz and Stegun, formula 7.1.26: the error function within 1.5e-7."""

_BLOCK = 1 << 15
"""Values at a time, so that what is between stays in the processor's cache."""


class PairLogits(NamedTuple):
    """Logits of pairs."""

    predicates: FloatArray
    """Pairs x predicates."""
    related: FloatArray
    """Logit of any relation, by pair."""


class PairSizes(NamedTuple):
    """Sizes of the network's layers."""

    words: int
    geometry: int
    hidden: int
    predicates: int
    appearance: int = 0


class PairNetwork:
    """One hidden layer over labels, boxes and optional appearance, plus a frequency prior.

    Labels and appearance are projected once per object and summed per pair. The weights have the
    names and shapes of ``PairModule`` (``jmere.training.relations``), which trains them.
    """

    def __init__(self, sizes: PairSizes, weights: Mapping[str, FloatArray]) -> None:
        """Take float32 weights.

        Raises:
            ValueError: If one is missing, or its shape does not fit ``sizes``.
        """
        for name, shape in weight_shapes(sizes).items():
            if name not in weights:
                raise ValueError(f"no weight {name}; expected {', '.join(weight_shapes(sizes))}")
            found = weights[name].shape
            # A number alone is stored as an array of one.
            if found != (shape or (1,)):
                raise ValueError(f"{name} has shape {found}, the config asks for {shape}")
        self.sizes, self.weights = sizes, dict(weights)

    def logits(
        self,
        labels: FloatArray,
        pairs: Int64s,
        geometry: FloatArray,
        *,
        prior: FloatArray | None = None,
        appearance: FloatArray | None = None,
        blind: bool = False,
    ) -> PairLogits:
        """Compute the logits of pairs.

        Args:
            labels: Label vectors of the objects; objects x words.
            pairs: Indices of subject and object.
            geometry: Features of the pairs' boxes (``pair_features``).
            prior: Log-ratio evidence of the frequency prior, added to the logits.
            appearance: Appearance vectors of the objects, for a network that takes them.
            blind: Leave boxes and appearance out, so that the logits follow from labels alone.
        """
        weights, ends = self.weights, pairs.T
        hidden = self._ends(("subject", "object"), labels, ends)
        if not blind:
            scaled = (geometry - weights["geometry_mean"]) / weights["geometry_scale"]
            hidden += scaled @ weights["geometry.weight"].T
            if appearance is not None and self.sizes.appearance:
                hidden += self._ends(("seen_subject", "seen_object"), appearance, ends)
        hidden += weights["geometry.bias"]
        hidden = gelu(hidden)
        predicates = hidden @ weights["predicates.weight"].T + weights["predicates.bias"]
        if prior is not None:
            predicates += weights["prior_weight"] * prior
        related = hidden @ weights["related.weight"][0] + weights["related.bias"]
        return PairLogits(predicates, related)

    def _ends(self, layers: tuple[str, str], vectors: FloatArray, ends: Int64s) -> FloatArray:
        """Project the vectors of objects by a layer for each end; the sums of the pairs."""
        first, second = (vectors @ self.weights[f"{layer}.weight"].T for layer in layers)
        total: FloatArray = first[ends[0]]
        total += second[ends[1]]
        return total


def weight_shapes(sizes: PairSizes) -> dict[str, tuple[int, ...]]:
    """Return the shape of each weight.

    Example:
        >>> weight_shapes(PairSizes(words=3, geometry=4, hidden=5, predicates=6))["subject.weight"]
        (5, 3)
    """
    words, geometry, hidden, predicates, appearance = sizes
    seen = ("seen_subject.weight", "seen_object.weight") if appearance else ()
    return {
        "prior_weight": (),
        "geometry_mean": (geometry,),
        "geometry_scale": (geometry,),
        "subject.weight": (hidden, words),
        "object.weight": (hidden, words),
        "geometry.weight": (hidden, geometry),
        "geometry.bias": (hidden,),
        **dict.fromkeys(seen, (hidden, appearance)),
        "predicates.weight": (predicates, hidden),
        "predicates.bias": (predicates,),
        "related.weight": (1, hidden),
        "related.bias": (1,),
    }


def direct_effect(full: FloatArray, blind: FloatArray, *, share: float) -> FloatArray:
    """Subtract label-only logits from the full logits.

    With ``share`` 1 this is the total direct effect (Tang et al. 2020, equation 8). A smaller
    share removes less of the label bias.
    """
    found: FloatArray = full - np.float32(share) * blind
    return found


def gelu(values: FloatArray) -> FloatArray:
    """Return GELU by the error function, within 1e-6 of the exact value.

    Example:
        >>> gelu(np.array([-1.0, 0.0, 2.0], np.float32)).round(3).tolist()
        [-0.1589999943971634, 0.0, 1.9550000429153442]
    """
    flat = np.ascontiguousarray(values).reshape(-1)
    found = np.empty_like(flat)
    for start in range(0, len(flat), _BLOCK):
        _gelu(flat[start : start + _BLOCK], out=found[start : start + _BLOCK])
    return found.reshape(values.shape)


def _gelu(values: FloatArray, *, out: FloatArray) -> None:
    """``max(values, 0) - |values| x tail / 2``, where the error function is ``1 - tail``."""
    size = np.abs(values)
    step = size * np.float32(_ERF_SLOPE * 0.5**0.5)
    step += 1
    np.reciprocal(step, out=step)
    tail = step * np.float32(_ERF_TERMS[-1])
    for term in _ERF_TERMS[-2::-1]:
        tail += np.float32(term)
        tail *= step
    np.multiply(values, values, out=step)
    step *= np.float32(-0.5)
    tail *= np.exp(step, out=step)
    tail *= size
    tail *= np.float32(0.5)
    np.maximum(values, 0, out=out)
    out -= tail


def softmax(logits: FloatArray) -> FloatArray:
    """Return the softmax of each row.

    Example:
        >>> softmax(np.zeros((1, 2), np.float32)).tolist()
        [[0.5, 0.5]]
    """
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: FloatArray = powers / powers.sum(axis=1, keepdims=True)
    return found


def sigmoid(logits: FloatArray) -> FloatArray:
    """Return the logistic function, without overflow.

    Example:
        >>> sigmoid(np.array([0.0, -1000.0], np.float32)).tolist()
        [0.5, 0.0]
    """
    power = np.exp(-np.abs(logits))
    found: FloatArray = np.where(logits >= 0, 1, power) / (1 + power)
    return found.astype(np.float32, copy=False)
