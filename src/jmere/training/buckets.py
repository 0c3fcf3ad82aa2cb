"""Batches of posts of similar length, in an order that depends on seed and epoch only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler

POOL = 50
"""Number of batches per pool; posts are sorted by length within a pool."""


class LengthBucketSampler(Sampler[list[int]]):
    """Sampler that shuffles posts, sorts pools of them by length, and shuffles the batches.

    Batches are padded to their longest post, so similar lengths need little padding. The
    order depends on ``seed`` and ``epoch`` only, so a resumed run sees the same batches.

    Example:
        >>> sampler = LengthBucketSampler([3, 9, 3, 9], batch_size=2, seed=0)
        >>> sorted(sorted(batch) for batch in sampler)
        [[0, 2], [1, 3]]
    """

    def __init__(self, lengths: Sequence[int], *, batch_size: int, seed: int) -> None:
        self.lengths = np.asarray(lengths)
        self.batch_size, self.seed = batch_size, seed
        self.epoch = 0
        self.drop_last = False

    def begin(self, epoch: int, lengths: Sequence[int]) -> None:
        """Begin an epoch whose posts, of the same number, have these lengths.

        Raises:
            ValueError: If the number of posts is another.
        """
        if len(lengths) != len(self.lengths):
            raise ValueError(f"{len(lengths)} posts, but the epoch before had {len(self.lengths)}")
        self.epoch, self.lengths = epoch, np.asarray(lengths)

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        return -(-len(self.lengths) // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        """Yield the post indices of each batch of the present epoch."""
        generator = np.random.default_rng((self.seed, self.epoch))
        order = generator.permutation(len(self.lengths))
        pool = POOL * self.batch_size
        for start in range(0, len(order), pool):
            block = order[start : start + pool]
            order[start : start + pool] = block[np.argsort(self.lengths[block], kind="stable")]
        for batch in generator.permutation(len(self)):
            yield order[batch * self.batch_size : (batch + 1) * self.batch_size].tolist()
