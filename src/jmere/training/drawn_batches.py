"""Batches for heads over a frozen encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

_CHUNK = 16
"""Batches' worth of posts that are sorted by length together."""


def drawn_batches(
    posts: Sequence[T],
    size: int,
    rng: np.random.Generator,
    *,
    length: Callable[[T], int],
    draw: Callable[[T], T] = lambda post: post,
) -> Iterator[list[T]]:
    """Yield the batches of an epoch, each of posts of about one length.

    Args:
        posts: The posts.
        size: Posts in a batch.
        rng: Draws the order.
        length: Length of a post.
        draw: Changes a post for this epoch.
    """
    order, chunk = rng.permutation(len(posts)), size * _CHUNK
    for part in (order[start : start + chunk] for start in range(0, len(order), chunk)):
        drawn = sorted((draw(posts[index]) for index in part), key=length)
        for start in rng.permutation(range(0, len(drawn), size)).tolist():
            yield drawn[start : start + size]
