"""Scores that are chances: what a quintuple's confidence was worth on dev."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How a confidence becomes the chance that its quintuple is right; order is kept."""

    temperature: float = 1.0
    """What the log-odds of a confidence are divided by."""
    shift: float = 0.0
    """What is added to them then."""
    curve: tuple[tuple[float, float], ...] = ()
    """Rising scores, and how much of what has each score or more was right on dev."""

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ValueError(f"calibration.temperature must be positive, got {self.temperature}")

    def __call__(self, confidence: Float64[np.ndarray, " pairs"]) -> Float64[np.ndarray, " pairs"]:
        """The chances, in (0, 1)."""
        return chances(log_odds(confidence) / self.temperature + self.shift)

    def threshold(self, precision: float) -> float:
        """The least score from which ``precision`` was reached on dev.

        Raises:
            ValueError: If it never was.
        """
        for score, reached in self.curve:
            if reached >= precision:
                return score
        most = max((reached for _, reached in self.curve), default=0.0)
        raise ValueError(
            f"a precision of {precision:g} was not reached on dev; the most was {most:.2f}"
        )


def log_odds(confidence: Float64[np.ndarray, " pairs"]) -> Float64[np.ndarray, " pairs"]:
    """Log-odds of confidences, finite at 0 and 1 too."""
    inside = np.clip(confidence, 1e-12, 1 - 1e-12)
    odds: Float64[np.ndarray, " pairs"] = np.log(inside) - np.log1p(-inside)
    return odds


def chances(odds: Float64[np.ndarray, " pairs"]) -> Float64[np.ndarray, " pairs"]:
    """The inverse of ``log_odds``."""
    found: Float64[np.ndarray, " pairs"] = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return found


def fit_calibration(
    confidence: Float64[np.ndarray, " pairs"], right: Bool[np.ndarray, " pairs"]
) -> Calibration:
    """The temperature and shift under which what was right is likeliest, by Newton's method.

    Targets are drawn a little towards the middle, as Platt did, so that a fit exists where
    everything is right or nothing is. Without any pair, confidences are left as they are.
    """
    if not len(confidence):
        return Calibration()
    inputs = np.stack([log_odds(confidence), np.ones(len(confidence))], axis=1)
    target = np.where(
        right, (right.sum() + 1) / (right.sum() + 2), 1 / (len(right) - right.sum() + 2)
    )
    weights = np.array([0.0, log_odds(target.mean(keepdims=True))[0]])
    for _ in range(50):
        guess = chances(inputs @ weights)
        gradient = inputs.T @ (guess - target)
        hessian = (inputs.T * (guess * (1 - guess))) @ inputs + 1e-6 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    # A slope that is not positive would turn the order round: then scores tell nothing.
    slope, shift = max(float(weights[0]), 1e-3), float(weights[1])
    return Calibration(temperature=1 / slope, shift=shift)


def precision_curve(
    scores: Float64[np.ndarray, " pairs"], right: Bool[np.ndarray, " pairs"], *, least: int = 20
) -> tuple[tuple[float, float], ...]:
    """Precision of all that has a score or more, at every hundredth with ``least`` pairs left."""
    points = []
    for score in np.arange(100) / 100:
        kept = scores >= score
        if kept.sum() < least:
            break
        points.append((float(score), round(float(right[kept].mean()), 4)))
    return tuple(points)
