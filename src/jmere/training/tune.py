"""Selection of the decoding biases on dev."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, product

import numpy as np

from jmere.evaluation.scores import Reading, read_gold, score_against
from jmere.grid.decode import DecodeOptions, Decoder
from jmere.inputs.prepare import Prepared, windows_of
from jmere.records import Extraction
from jmere.tagger.predict import entities, quintuples, score_posts
from jmere.tagger.tagger import Tagger
from jmere.tagger.trimmed import without_signs
from jmere.training.dev_means import mean_f1

ENTITY_BIASES = tuple(np.arange(-3.0, 1.01, 0.5).tolist())
RELATION_BIASES = tuple(np.arange(-2.0, 5.01, 0.5).tolist())

_Grids = tuple[list[int], np.ndarray, np.ndarray]
"""Indices of windows, their scores, and their numbers of words."""


def tune_decoding(
    tagger: Tagger, dev: Sequence[Sequence[Prepared]], reading: Reading, *, batch_size: int
) -> Decoder:
    """Select the biases with the best mean F1 over the dev sets; on ties those nearest to 0.

    The F1 is that of ``Scores.main``. The network runs once per post; only decoding is
    repeated.
    """
    grids = [_grids(tagger, each, batch_size) for each in dev]
    gold = [read_gold((one.post for one in each), reading) for each in dev]
    before = tagger.decoder

    def f1(options: DecodeOptions) -> float:
        decoder = replace(before, options=options)
        scores = [
            score_against(right, _found(decoder, each, grid))
            for right, each, grid in zip(gold, dev, grids, strict=True)
        ]
        return mean_f1(scores)

    choices = sorted(
        product(ENTITY_BIASES, RELATION_BIASES), key=lambda pair: abs(pair[0]) + abs(pair[1])
    )
    options = [
        replace(before.options, entity_bias=entity, relation_bias=relation)
        for entity, relation in choices
    ]
    return replace(before, options=max(options, key=f1))


def _grids(tagger: Tagger, dev: Sequence[Prepared], batch_size: int) -> list[_Grids]:
    """Return the scores of all windows, batch by batch."""
    found = score_posts(tagger, windows_of(dev), batch_size=batch_size)
    return [(indices, scored.grids, scored.lengths) for indices, scored in found]


def _found(
    decoder: Decoder,
    dev: Sequence[Prepared],
    grids: Sequence[_Grids],
) -> Iterator[Extraction]:
    decoded = {
        index: each
        for indices, scores, lengths in grids
        for index, each in zip(indices, decoder(scores, lengths), strict=True)
    }
    order = count()
    for post, windows in ((each.post, each.windows) for each in dev):
        read = [
            (window.words, without_signs(decoded[next(order)], window.words)) for window in windows
        ]
        yield Extraction(
            id=post.id,
            text=post.text,
            quintuples=tuple(each for pair in read for each in quintuples(*pair)),
            entities=tuple(each for pair in read for each in entities(*pair)),
        )
