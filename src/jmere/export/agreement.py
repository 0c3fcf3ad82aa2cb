"""Agreement of the two engines on sample posts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jmere.inputs.batch import NumpyBatch
from jmere.inputs.prepare import windows_of
from jmere.records import Post, SceneGraph, SceneObject, SceneRelation
from jmere.tagger.graph_form import NAME_SCORES, SCORES
from jmere.tagger.onnx_scorer import OnnxScorer
from jmere.tagger.tagger import Tagger

MAX_DIFFERENCE = 1e-4
"""Largest difference of a score, in float32."""

MAX_SHARE_DIFFERENCE = 1e-3
"""Largest difference of a share. The transport stops at an error of 1e-4, on one engine perhaps
a step before the other."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Difference between the engines on sample posts."""

    scores: float
    """Largest difference of a score of a word pair, or of a word's label."""
    shares: float
    """Largest difference of a share of the plan or the attention."""
    same_tags: float
    """Share of the word pairs whose best tag is the same."""


def sample_posts() -> list[Post]:
    """Return posts of several lengths, with and without a picture."""
    things = ("man", "shirt", "ball")
    objects = tuple(
        SceneObject(name, (8.0 * n, 4.0, 8.0 * n + 30, 60.0)) for n, name in enumerate(things)
    )
    relations = (SceneRelation(0, "wearing", 1), SceneRelation(0, "holding", 2))
    scene = SceneGraph(objects, relations, size=(64, 64), caption="A man in a shirt holds a ball.")
    return [
        Post(id="a", text="Stephen Curry leads the Golden State Warriors", scene_graph=scene),
        Post(id="b", text="London"),
        Post(
            id="c",
            text="RT @nba : Klay Thompson of the Warriors met Stephen Curry in Oakland, California",
            scene_graph=SceneGraph(objects[:1]),
        ),
        Post(id="d", text=""),
        Post(id="e", text="The Beatles came back to Liverpool on Monday . " * 6),
    ]


def sample_batch(tagger: Tagger) -> NumpyBatch:
    """Return the sample posts as a model's batch, with all objects whatever its limit."""
    posts = sample_posts()
    scenes = [post.scene_graph or SceneGraph() for post in posts]
    return tagger.batch(windows_of(tagger.prepare(posts, scenes)))


def compare_engines(tagger: Tagger, folder: Path, *, exact: bool = True) -> Agreement:
    """Compare a model on the torch engine with the graph of a folder.

    Args:
        tagger: The model, on the torch engine.
        folder: A folder with its graph.
        exact: Refuse differences above ``MAX_DIFFERENCE`` and ``MAX_SHARE_DIFFERENCE``.

    Raises:
        ValueError: If the engines differ, or the graph does not load.
    """
    batch = sample_batch(tagger)
    ours, theirs = (
        scorer(batch, names=True) for scorer in (tagger.scorer, OnnxScorer.load(folder))
    )
    present = batch.word_mask[:, :, None] & batch.word_mask[:, None]
    found = Agreement(
        scores=max(
            _largest(ours.grids[present] - theirs.grids[present]),
            _labels(batch, ours.names, theirs.names),
        ),
        shares=max(
            _shares(batch, a, b)
            for a, b in ((ours.plan, theirs.plan), (ours.attention, theirs.attention))
        ),
        same_tags=float(
            (ours.grids[present].argmax(-1) == theirs.grids[present].argmax(-1)).mean()
        ),
    )
    if exact and not (found.scores <= MAX_DIFFERENCE and found.shares <= MAX_SHARE_DIFFERENCE):
        raise ValueError(
            f"{folder}: the engines differ by {found.scores:.2g} in scores and "
            f"{found.shares:.2g} in shares; expected at most {MAX_DIFFERENCE:g} and "
            f"{MAX_SHARE_DIFFERENCE:g}"
        )
    return found


def same_together(folder: Path, batch: NumpyBatch) -> bool:
    """Return whether the graph of a folder gives each post the same bytes alone and in a batch."""
    scorer = OnnxScorer.load(folder, threads=1)
    whole = scorer.compute(batch, slice(0, len(batch)), alignment=True, names=True)
    for row, beside in enumerate(whole):
        (alone,) = scorer.compute(batch, slice(row, row + 1), alignment=True, names=True)
        words, objects = (int(mask[row].sum()) for mask in (batch.word_mask, batch.object_mask))
        for name, array in alone.items():
            columns = {SCORES: words, NAME_SCORES: None}.get(name, objects)
            own = (slice(words), slice(columns))
            if array[own].tobytes() != beside[name][own].tobytes():
                return False
    return True


def _shares(batch: NumpyBatch, ours: np.ndarray | None, theirs: np.ndarray | None) -> float:
    if ours is None or theirs is None:
        return 0.0 if ours is theirs else float("inf")
    present = batch.word_mask[:, :, None] & batch.object_mask[:, None]
    return _largest(ours[present] - theirs[present])


def _labels(batch: NumpyBatch, ours: np.ndarray | None, theirs: np.ndarray | None) -> float:
    if ours is None or theirs is None:
        return 0.0 if ours is theirs else float("inf")
    return _largest(ours[batch.word_mask] - theirs[batch.word_mask])


def _largest(difference: np.ndarray) -> float:
    return float(np.abs(difference).max(initial=0.0))
