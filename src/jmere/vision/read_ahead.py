"""Ordered parallel map with a bounded look-ahead."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def read_ahead(
    function: Callable[[T], R], things: Iterable[T], workers: int = 2, *, window: int | None = None
) -> Iterator[R | Exception]:
    """Yield ``function`` of each thing, in order, computed ahead in threads.

    An exception for one thing is yielded in place of its result; the others continue. ``things``
    is read in the caller's thread, at most ``window`` ahead of the results; an error in reading
    it is raised after the results before it. Stopping early waits only for running calls.

    Args:
        function: Function to apply; must be thread-safe.
        things: Any number of them.
        workers: Number of threads.
        window: Maximum number of pending results; default: twice the workers.

    Raises:
        ValueError: If a number is not positive.

    Example:
        >>> list(read_ahead(len, ["a", "bb"], workers=1))
        [1, 2]
    """
    window = 2 * workers if window is None else window
    if workers < 1 or window < 1:
        raise ValueError(f"workers and window must be positive, got {workers} and {window}")
    return _in_order(function, iter(things), workers, window)


def _in_order(
    function: Callable[[T], R], things: Iterator[T], workers: int, window: int
) -> Iterator[R | Exception]:
    waiting: deque[Future[R]] = deque()
    end: Exception | None = None
    pool = ThreadPoolExecutor(workers, thread_name_prefix="read-ahead")

    def take() -> Exception | None:
        """Submit the next thing; return whether there was one."""
        try:
            waiting.append(pool.submit(function, next(things)))
        except Exception as error:
            return error
        return None

    def give() -> R | Exception:
        try:
            return waiting.popleft().result()
        except Exception as error:
            return error

    try:
        while True:
            while end is None and len(waiting) < window:
                end = take()
            if not waiting:
                break
            yield give()
    finally:
        pool.shutdown(cancel_futures=True)
    if end is not None and not isinstance(end, StopIteration):
        raise end


def processors() -> int:
    """Return the number of processors available to this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
