"""The decoding's biases, chosen on dev."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from jmere.evaluation.scores import Reading, read_gold, score_against
from jmere.grid.decode import DecodeOptions
from jmere.predict import by_length, entities, quintuples
from jmere.prepare import PreparedPost
from jmere.records import Extraction, Post
from jmere.tagger import Tagger

ENTITY_BIASES = tuple(np.arange(-3.0, 1.01, 0.5).tolist())
RELATION_BIASES = tuple(np.arange(-2.0, 5.01, 0.5).tolist())


def tune_decoding(
    tagger: Tagger, dev: Sequence[tuple[Post, PreparedPost]], reading: Reading, *, batch_size: int
) -> DecodeOptions:
    """The biases with the best F1 on dev (``Scores.main``); of equal ones, those nearest to none.

    Every post is scored once; only the reading of the grids is repeated.
    """
    ready = [each for _, each in dev]
    lengths = [len(each.pieces.ids) for each in ready]
    grids = [
        (indices, *tagger.scores(tagger.batch([ready[index] for index in indices]))[:2])
        for indices in by_length(lengths, batch_size)
    ]
    gold = read_gold((post for post, _ in dev), reading)
    before = tagger.config

    def f1(options: DecodeOptions) -> float:
        tagger.config = replace(before, decoding=options)
        return score_against(gold, _found(tagger, dev, grids)).main.f1

    choices = sorted(
        product(ENTITY_BIASES, RELATION_BIASES), key=lambda pair: abs(pair[0]) + abs(pair[1])
    )
    options = [
        replace(before.decoding, entity_bias=entity, relation_bias=relation)
        for entity, relation in choices
    ]
    best = max(options, key=f1)
    tagger.config = replace(before, decoding=best)
    return best


def _found(
    tagger: Tagger,
    dev: Sequence[tuple[Post, PreparedPost]],
    grids: Sequence[tuple[list[int], np.ndarray, np.ndarray]],
) -> Iterator[Extraction]:
    for indices, scores, lengths in grids:
        for index, decoded in zip(indices, tagger.decode(scores, lengths), strict=True):
            post, words = dev[index][0], dev[index][1].words
            yield Extraction(
                id=post.id,
                text=post.text,
                quintuples=quintuples(words, decoded),
                entities=entities(words, decoded),
            )
