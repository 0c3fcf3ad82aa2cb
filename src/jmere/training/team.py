"""The processes of a training: their posts of each batch, and what they know together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple, TypeVar

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list, gather_object, parse_flag_from_env
from torch import Tensor
from torch.utils.data import Sampler

from jmere.training.buckets import LengthBucketSampler

_PATIENCE = timedelta(hours=12)
"""How long the others wait for the first process, which alone chooses the decoding at the end."""

T = TypeVar("T")


def team() -> PartialState:
    """Return the processes of this training; the first call of each waits for the others.

    Several processes on a machine without an accelerator talk by Gloo.
    """
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    on_cpu = parse_flag_from_env("ACCELERATE_USE_CPU")
    cpu = on_cpu or (several and not torch.accelerator.is_available())
    return PartialState(cpu=cpu, timeout=_PATIENCE)


def of_all(values: Sequence[T]) -> list[T]:
    """Return the values of all processes, in the order of the processes."""
    together: list[T] = gather_object(list(values))
    return together


def summed(values: Mapping[str, float]) -> dict[str, float]:
    """Return the sums over the processes, by name."""
    sums: dict[str, float] = {}
    for each in of_all([values]):
        for name, value in each.items():
            sums[name] = sums.get(name, 0) + value
    return sums


def told(value: T | None) -> T:
    """Return the value of the first process; the others give ``None``."""
    (answer,) = broadcast_object_list([value])
    return answer  # type: ignore[no-any-return]


class BatchPart(NamedTuple):
    """The posts of a batch that one of several processes computes."""

    posts: list[int]
    own: int
    """Number of posts that count; 0 where another's post is computed to take part in the step."""
    whole: int
    """Posts of the whole batch."""
    processes: int

    def weighted(self, losses: Mapping[str, Tensor], *, sums: bool) -> dict[str, Tensor]:
        """Weight the losses of the part, so that their mean over the processes is the batch's.

        Args:
            losses: Each a mean over the posts of the part.
            sums: Whether they are sums over the posts instead.
        """
        if self.processes == 1:
            return dict(losses)
        share = float(self.own > 0) if sums else self.own / self.whole
        return {name: value * (share * self.processes) for name, value in losses.items()}


class SplitBatches(Sampler[list[int]]):
    """Sampler of one process's part of each batch: every process has every n-th post.

    All processes take part in every step, so one without a post computes the first one again,
    with weight 0.

    Example:
        >>> batches = LengthBucketSampler([3, 3, 3], batch_size=2, seed=0)
        >>> one, two = (SplitBatches(batches, process=n, processes=2) for n in range(2))
        >>> sorted((a.own, b.own) for a, b in zip(one.parts(), two.parts()))
        [(1, 0), (1, 1)]
    """

    def __init__(self, batches: LengthBucketSampler, *, process: int, processes: int) -> None:
        self.batches, self.process, self.processes = batches, process, processes

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        return len(self.batches)

    def __iter__(self) -> Iterator[list[int]]:
        """Yield the post indices of each part."""
        for part in self.parts():
            yield part.posts

    def parts(self) -> Iterator[BatchPart]:
        """Yield the parts of the present epoch."""
        for batch in self.batches:
            own = batch[self.process :: self.processes]
            yield BatchPart(own or batch[:1], len(own), len(batch), self.processes)
