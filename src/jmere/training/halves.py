"""Selection of each half of a pipeline at the epoch of its own best dev score."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from torch import Tensor

from jmere.evaluation.scores import Scores
from jmere.models.pipeline import Pipeline
from jmere.tagger.folder import WEIGHTS, Precision
from jmere.tagger.tagger import Tagger
from jmere.tagger.weights import load_weights

ENTITIES, RELATIONS = "entities", "relations"


def half_scores(
    network: Pipeline, whole: Scores, given_entities: Scores | None
) -> dict[str, float]:
    """Return the dev score of each half that is trained.

    Args:
        network: The pipeline.
        whole: Scores of both halves together, whose MNER F1 is the entities' own.
        given_entities: Scores of the relations between gold entities; ``None`` if that half is
            not trained.
    """
    scores = {ENTITIES: whole.mner.f1}
    if network.learns_relations and given_entities is not None:
        scores[RELATIONS] = given_entities.jmere.f1
    return scores


def keep_halves(
    tagger: Tagger, folder: Path, halves: Collection[str], *, precision: Precision
) -> None:
    """Write the model folder with the present weights of these halves only."""
    network = tagger.network
    now = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    if (folder / WEIGHTS).exists():
        kept = load_weights(folder / WEIGHTS)
        network.load_state_dict(_mixed(now, kept, halves))
    try:
        tagger.save_pretrained(folder, precision=precision)
    finally:
        network.load_state_dict(now)


def _mixed(
    now: Mapping[str, Tensor], kept: Mapping[str, Tensor], halves: Collection[str]
) -> dict[str, Tensor]:
    """Return the present weights of these halves and the kept weights of the others."""
    return {name: now[name] if _half(name) in halves else kept[name] for name in now}


def _half(name: str) -> str:
    return RELATIONS if name.startswith("relations.") else ENTITIES
