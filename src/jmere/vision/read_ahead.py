"""A function applied to many things in a few threads, in order, a bounded way ahead."""

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
    """What a function makes of each thing, in order, while threads work on the next ones.

    What it raises for one thing is handed out in the place of its result, and the others go
    on. ``things`` are taken in the caller's thread, at most ``window`` of them before their
    results are asked for; an error in taking one is raised after the results of those before.
    Whoever stops early waits for no more than the calls already begun.

    Args:
        function: Called in threads, several at once.
        things: Any number of them.
        workers: How many threads.
        window: Most things taken, and results held, ahead; twice the workers by default.

    Raises:
        ValueError: If a number is not positive.
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
        """Begin with the next thing, or tell why there is none."""
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
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
