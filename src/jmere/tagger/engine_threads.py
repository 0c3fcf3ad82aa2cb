"""Threads on which an engine computes."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from jmere.vision.read_ahead import processors

Arguments = ParamSpec("Arguments")
T = TypeVar("T")

MAX_POSTS = 16
"""Maximum number of posts per call of an engine."""


class EngineThreads:
    """The threads of an engine, which begin with its first call; each process has its own."""

    def __init__(self, count: int | None = None) -> None:
        """Set the number of threads.

        Args:
            count: Number of calls at a time; by default one per processor.
        """
        self.count = count or processors()
        self._pool: tuple[tuple[int, int], ThreadPoolExecutor] | None = None

    def submit(
        self, call: Callable[Arguments, T], *args: Arguments.args, **options: Arguments.kwargs
    ) -> Future[T]:
        """Begin a call on one of the threads."""
        # The threads of the process that this one was forked from are gone.
        wanted = os.getpid(), self.count
        if self._pool is None or self._pool[0] != wanted:
            self._pool = wanted, ThreadPoolExecutor(self.count, "jmere-engine")
        return self._pool[1].submit(call, *args, **options)
