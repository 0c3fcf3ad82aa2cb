"""Batches of posts of about one length, in an order that only seed and epoch decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler

POOL = 50
"""Batches' worth of shuffled posts within which posts are sorted by length."""


class LengthBucketSampler(Sampler[list[int]]):
    """Shuffles posts, sorts pools of them by length, and shuffles the batches they give.

    Padding is to the longest post of a batch, so little of it is left. The order
    depends on ``seed`` and ``epoch`` alone, so a resumed run goes on as if unbroken.
    """

    def __init__(self, lengths: Sequence[int], *, batch_size: int, seed: int) -> None:
        self.lengths = np.asarray(lengths)
        self.batch_size, self.seed = batch_size, seed
        self.epoch = 0
        self.drop_last = False

    def __len__(self) -> int:
        """Batches of an epoch."""
        return -(-len(self.lengths) // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        """Indices of the posts of each batch of the present epoch."""
        generator = np.random.default_rng((self.seed, self.epoch))
        order = generator.permutation(len(self.lengths))
        pool = POOL * self.batch_size
        for start in range(0, len(order), pool):
            block = order[start : start + pool]
            order[start : start + pool] = block[np.argsort(self.lengths[block], kind="stable")]
        for batch in generator.permutation(len(self)):
            yield order[batch * self.batch_size : (batch + 1) * self.batch_size].tolist()
