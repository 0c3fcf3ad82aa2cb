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
from jmere.tagger.predict import by_length, entities, quintuples
from jmere.tagger.tagger import Tagger

ENTITY_BIASES = tuple(np.arange(-3.0, 1.01, 0.5).tolist())
RELATION_BIASES = tuple(np.arange(-2.0, 5.01, 0.5).tolist())


def tune_decoding(
    tagger: Tagger, dev: Sequence[Prepared], reading: Reading, *, batch_size: int
) -> Decoder:
    """Select the biases with the best dev F1 (``Scores.main``); on ties those nearest to 0.

    The network runs once per post; only decoding is repeated.
    """
    ready = windows_of(dev)
    lengths = [len(each.pieces.ids) for each in ready]
    grids = []
    for indices in by_length(lengths, batch_size):
        batch = tagger.batch([ready[index] for index in indices])
        scores = tagger.scores(batch, alignment=False)
        grids.append((indices, scores.grids, scores.lengths))
    gold = read_gold((each.post for each in dev), reading)
    before = tagger.decoder

    def f1(options: DecodeOptions) -> float:
        decoder = replace(before, options=options)
        return score_against(gold, _found(decoder, dev, grids)).main.f1

    choices = sorted(
        product(ENTITY_BIASES, RELATION_BIASES), key=lambda pair: abs(pair[0]) + abs(pair[1])
    )
    options = [
        replace(before.options, entity_bias=entity, relation_bias=relation)
        for entity, relation in choices
    ]
    return replace(before, options=max(options, key=f1))


def _found(
    decoder: Decoder,
    dev: Sequence[Prepared],
    grids: Sequence[tuple[list[int], np.ndarray, np.ndarray]],
) -> Iterator[Extraction]:
    decoded = {
        index: each
        for indices, scores, lengths in grids
        for index, each in zip(indices, decoder(scores, lengths), strict=True)
    }
    order = count()
    for post, windows in ((each.post, each.windows) for each in dev):
        read = [(window.words, decoded[next(order)]) for window in windows]
        yield Extraction(
            id=post.id,
            text=post.text,
            quintuples=tuple(each for pair in read for each in quintuples(*pair)),
            entities=tuple(each for pair in read for each in entities(*pair)),
        )
