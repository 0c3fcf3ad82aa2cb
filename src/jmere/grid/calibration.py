"""Calibration: confidences to probabilities of being correct, fitted on dev."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Map from a confidence to the probability that its quintuple is correct; monotonic.

    Example:
        >>> calibration = Calibration(temperature=2.0, curve=((0.0, 0.4), (0.5, 0.8)))
        >>> calibration(np.array([0.1, 0.5])).round(2).tolist()
        [0.25, 0.5]
        >>> calibration.threshold(0.7)
        0.5
    """

    temperature: float = 1.0
    """Divisor of the log-odds of a confidence."""
    shift: float = 0.0
    """Added to the log-odds after the division."""
    curve: tuple[tuple[float, float], ...] = ()
    """Increasing scores, each with the precision on dev at or above it."""

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ValueError(f"calibration.temperature must be positive, got {self.temperature}")

    def __call__(self, confidence: Float64[np.ndarray, " pairs"]) -> Float64[np.ndarray, " pairs"]:
        """Return calibrated probabilities, in (0, 1)."""
        return probabilities(log_odds(confidence) / self.temperature + self.shift)

    def threshold(self, precision: float) -> float:
        """Return the lowest score at or above which dev precision reached ``precision``.

        Raises:
            ValueError: If it was never reached.
        """
        for score, reached in self.curve:
            if reached >= precision:
                return score
        highest = max((reached for _, reached in self.curve), default=0.0)
        raise ValueError(
            f"a precision of {precision:g} was not reached on dev; the highest was {highest:.2f}"
        )


def log_odds(confidence: Float64[np.ndarray, " pairs"]) -> Float64[np.ndarray, " pairs"]:
    """Return the log-odds of confidences, finite also at 0 and 1.

    Example:
        >>> log_odds(np.array([0.5, 0.9])).round(2).tolist()
        [0.0, 2.2]
    """
    inside = np.clip(confidence, 1e-12, 1 - 1e-12)
    odds: Float64[np.ndarray, " pairs"] = np.log(inside) - np.log1p(-inside)
    return odds


def probabilities(odds: Float64[np.ndarray, " pairs"]) -> Float64[np.ndarray, " pairs"]:
    """Return the probabilities of log-odds; the inverse of ``log_odds``.

    Example:
        >>> probabilities(np.array([0.0, 2.2])).round(2).tolist()
        [0.5, 0.9]
    """
    found: Float64[np.ndarray, " pairs"] = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return found


def fit_calibration(
    confidence: Float64[np.ndarray, " pairs"], right: Bool[np.ndarray, " pairs"]
) -> Calibration:
    """Fit temperature and shift by maximum likelihood, with Newton's method (Platt scaling).

    Targets are smoothed as in Platt (1999), so a fit exists even if all pairs, or none, are
    correct. Without any pair the calibration is the identity.

    Args:
        confidence: Confidence of each pair, in [0, 1].
        right: Whether each pair is correct.

    Example:
        >>> confidence = np.array([0.9, 0.9, 0.9, 0.9])
        >>> fitted = fit_calibration(confidence, np.array([True, True, False, False]))
        >>> fitted(confidence).round(2).tolist()
        [0.5, 0.5, 0.5, 0.5]
    """
    if not len(confidence):
        return Calibration()
    inputs = np.stack([log_odds(confidence), np.ones(len(confidence))], axis=1)
    target = np.where(
        right, (right.sum() + 1) / (right.sum() + 2), 1 / (len(right) - right.sum() + 2)
    )
    weights = np.array([0.0, log_odds(target.mean(keepdims=True))[0]])
    for _ in range(50):
        guess = probabilities(inputs @ weights)
        gradient = inputs.T @ (guess - target)
        hessian = (inputs.T * (guess * (1 - guess))) @ inputs + 1e-6 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    # A slope of 0 or less would reverse the order: the scores then carry no information.
    slope, shift = max(float(weights[0]), 1e-3), float(weights[1])
    return Calibration(temperature=1 / slope, shift=shift)


def precision_curve(
    scores: Float64[np.ndarray, " pairs"], right: Bool[np.ndarray, " pairs"], *, min_pairs: int = 20
) -> tuple[tuple[float, float], ...]:
    """Return (score, precision at or above it) at each hundredth.

    Ends where fewer than ``min_pairs`` pairs remain.

    Example:
        >>> scores, right = np.array([0.005, 0.015]), np.array([False, True])
        >>> precision_curve(scores, right, min_pairs=1)
        ((0.0, 0.5), (0.01, 1.0))
    """
    points = []
    for score in np.arange(100) / 100:
        kept = scores >= score
        if kept.sum() < min_pairs:
            break
        points.append((float(score), round(float(right[kept].mean()), 4)))
    return tuple(points)
