"""Models for figures and their predictions of one post."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jmere.data.predictions import read_predictions
from jmere.evaluation.readings import Annotated
from jmere.extract import Extractor
from jmere.models.eega import Eega
from jmere.records import Extraction, Post, SceneGraph
from jmere.scenes.visual_config import VisualConfig

NO_PICTURES = VisualConfig(detector=None)
"""Figures show what a post says of its picture, and never open it."""

PREDICTIONS_SUFFIX = ".jsonl"
"""Suffix of prediction files, which may replace a model."""


def answer_of(
    name: str, post: Post, *, scenes: Mapping[str, SceneGraph] | None = None
) -> Annotated:
    """Return a model's prediction for a post, or that of a file of predictions.

    Raises:
        FileNotFoundError: If there is no such model or file.
        ValueError: If the file says nothing of the post.
    """
    if not name.endswith(PREDICTIONS_SUFFIX):
        return Extractor.from_pretrained(name, scenes=scenes, visual=NO_PICTURES).extract(post)
    for found in read_predictions(name):
        if found.id == post.id:
            return found
    raise ValueError(f"{name}: no prediction of post {post.id!r}")


def aligned_at(
    name: str, post: Post, alpha: float | None, *, scenes: Mapping[str, SceneGraph] | None = None
) -> tuple[str, Extraction]:
    """Return the result and name of an EEGA whose plan uses another ``alpha``.

    The weights are those trained with the model's own alpha, and the attention does not depend
    on it; for the paper's comparison train two models.

    Raises:
        ValueError: If the model is no EEGA that aligns by transport, but ``alpha`` is given.
    """
    extractor = Extractor.from_pretrained(name, scenes=scenes, visual=NO_PICTURES)
    short = short_name(name)
    aligner = getattr(extractor.tagger.network, "aligner", None)
    if alpha is None:
        own = f" (alpha {aligner.alpha:g})" if aligner is not None else ""
        return f"{short}{own}", extractor.extract(post)
    if not isinstance(extractor.tagger.network, Eega) or aligner is None:
        raise ValueError(f"{name}: --alpha requires an EEGA with transport alignment")
    if not 0 <= alpha <= 1:
        raise ValueError(f"--alpha must be in [0, 1], got {alpha:g}")
    trained, aligner.alpha = aligner.alpha, alpha
    end = "" if alpha == trained else f", trained with {trained:g}"
    return f"{short} (alpha {alpha:g}{end})", extractor.extract(post)


def short_name(name: str) -> str:
    """Return a short model name: ``umgf`` for ``runs/umgf/model``."""
    parts = [part for part in Path(name).parts if part not in ("model", "predictions.jsonl", "/")]
    ends = [part for part in parts if not part.startswith("seed-")]
    return Path((ends or parts or [name])[-1]).stem
