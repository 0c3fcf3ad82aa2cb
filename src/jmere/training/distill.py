"""Distillation: tag probabilities of trained models as targets of another one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jmere.inputs.prepare import TeacherProbabilities
from jmere.records import Post, SceneGraph
from jmere.tagger.predict import by_length
from jmere.tagger.tagger import Tagger
from jmere.tags import TagSet
from jmere.text.words import Words, post_words

_BATCH = 64
"""Posts computed together."""


def teacher_probabilities(
    teachers: Sequence[str],
    posts: Sequence[Post],
    scenes: Sequence[SceneGraph],
    *,
    words: Sequence[Words] | None = None,
    tags: TagSet,
    symmetric: bool,
) -> list[TeacherProbabilities]:
    """Compute the mean tag probabilities of several models, for each pair of a post's words.

    Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network" (2015), with a
    temperature of 1. Each model prepares the posts by its own config; one model is in memory
    at a time.

    Args:
        teachers: Folders of the models.
        posts: Posts; their annotation is not used.
        scenes: Their visual graphs.
        words: The words of each post's window; by default those of the whole post.
        tags: Tag set of the student; every teacher must have the same.
        symmetric: Whether the student's relations are tagged in both directions.

    Returns:
        Words x words x tags in half precision, one array per post; all 0 where a post is
        longer than the maximum of a teacher.

    Raises:
        ValueError: If a teacher has other tags or another form of grid.
    """
    words = [post_words(post) for post in posts] if words is None else words
    sums: list[TeacherProbabilities] = []
    for name in teachers:
        teacher = Tagger.from_pretrained(name)
        if teacher.tags != tags or teacher.batch.symmetric != symmetric:
            raise ValueError(f"teachers: {name} has other tags or another form of grid")
        grids = _probabilities(teacher, posts, words, scenes)
        sums = [_sum(a, b) for a, b in zip(sums, grids, strict=True)] if sums else grids
    return [(each / len(teachers)).astype(np.float16) for each in sums]


def _sum(one: TeacherProbabilities, other: TeacherProbabilities) -> TeacherProbabilities:
    return one + other if one.any() and other.any() else np.zeros_like(one)


def _probabilities(
    teacher: Tagger, posts: Sequence[Post], words: Sequence[Words], scenes: Sequence[SceneGraph]
) -> list[TeacherProbabilities]:
    found = [np.zeros((len(each), len(each), len(teacher.tags)), np.float16) for each in words]
    short = [n for n, each in enumerate(words) if len(teacher.prepare.windows(each)) == 1]
    ready = teacher.prepare(
        [posts[n] for n in short],
        words=[words[n] for n in short],
        scenes=[scenes[n] for n in short],
    )
    for indices in by_length([len(post.pieces.ids) for post in ready], _BATCH):
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
