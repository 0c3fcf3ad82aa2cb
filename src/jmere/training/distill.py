"""Distillation: tag probabilities of trained models as targets of another one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jmere.inputs.prepare import PreparedPost, TeacherProbabilities
from jmere.tagger.batches import by_length
from jmere.tagger.tagger import Tagger
from jmere.tags import TagSet

_BATCH = 64
"""Posts computed together."""


def teacher_probabilities(
    teachers: Sequence[str],
    windows: Sequence[PreparedPost],
    *,
    tags: TagSet,
    symmetric: bool,
) -> list[TeacherProbabilities]:
    """Compute the mean tag probabilities of several models, for each pair of a post's words.

    Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network" (2015), with a
    temperature of 1. Each model prepares the posts by its own config; one model is in memory
    at a time, on a GPU where there is one.

    Args:
        teachers: Folders of the models.
        windows: Prepared posts; their annotation is not used.
        tags: Tag set of the student; every teacher must have the same.
        symmetric: Whether the student's relations are tagged in both directions.

    Returns:
        Words x words x tags in half precision, one array per window; all 0 where it is
        longer than the maximum of a teacher.

    Raises:
        ValueError: If a teacher has other tags or another form of grid.
    """
    sums: list[TeacherProbabilities] = []
    for name in teachers:
        teacher = Tagger.from_pretrained(name, device="auto")
        if teacher.tags != tags or teacher.batch.symmetric != symmetric:
            raise ValueError(f"teachers: {name} has other tags or another form of grid")
        grids = _probabilities(teacher, windows)
        sums = [_sum(a, b) for a, b in zip(sums, grids, strict=True)] if sums else grids
    return [(each / len(teachers)).astype(np.float16) for each in sums]


def _sum(one: TeacherProbabilities, other: TeacherProbabilities) -> TeacherProbabilities:
    return one + other if one.any() and other.any() else np.zeros_like(one)


def _probabilities(teacher: Tagger, windows: Sequence[PreparedPost]) -> list[TeacherProbabilities]:
    counts = [len(each.words) for each in windows]
    found = [np.zeros((count, count, len(teacher.tags)), np.float16) for count in counts]
    read = teacher.prepare.reread(windows)
    short = [index for index, each in enumerate(read) if each is not None]
    ready = [each for each in read if each is not None]
    for indices in by_length([post.length for post in ready], _BATCH):
        batch = teacher.batch([ready[index] for index in indices])
        scored = teacher.scores(batch, alignment=False)
        scores, lengths = scored.grids, scored.lengths
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        for row, index in enumerate(indices):
            count = int(lengths[row])
            found[short[index]] = scores[row, :count, :count].astype(np.float16)
    return found
