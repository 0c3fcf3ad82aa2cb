"""Batches of posts of about one length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

TYPICAL = 128
"""Pieces up to which batches of posts are full."""


def by_length(lengths: Sequence[int], batch_size: int) -> Iterator[list[int]]:
    """Every index once, in batches of about one length.

    Batches of very long posts are smaller: a batch has no more pairs of pieces than
    ``batch_size`` posts of ``TYPICAL`` pieces have.
    """
    most = batch_size * TYPICAL**2
    batch: list[int] = []
    for index in np.argsort(np.asarray(lengths), kind="stable").tolist():
        if batch and (len(batch) == batch_size or (len(batch) + 1) * lengths[index] ** 2 > most):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
