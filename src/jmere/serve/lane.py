"""Blocking work beside extraction: a thread at a time, and few requests that wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from jmere.serve.api_errors import ApiError

T = TypeVar("T")


class Lane:
    """Runs functions in threads, a bounded number at one time.

    Example:
        >>> import asyncio
        >>> asyncio.run(Lane(seconds=5).run(len, "abc"))
        3
    """

    def __init__(self, *, seconds: float, threads: int = 1, max_waiting: int = 64) -> None:
        self._seconds, self._threads, self._max_waiting = seconds, threads, max_waiting
        self._present = 0
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function in a thread.

        Raises:
            ApiError: 429 if too many requests wait, 503 if it takes too long.
        """
        if self._present >= self._threads + self._max_waiting:
            raise ApiError(429, "busy", "too many requests wait", headers={"Retry-After": "1"})
        if self._limiter is None:  # it belongs to the running event loop
            self._limiter = anyio.CapacityLimiter(self._threads)
        self._present += 1
        try:
            with anyio.fail_after(self._seconds):
                return await anyio.to_thread.run_sync(
                    function, *arguments, limiter=self._limiter, abandon_on_cancel=True
                )
        except TimeoutError:
            message = f"no result within {self._seconds:g} s"
            raise ApiError(503, "timeout", message, headers={"Retry-After": "5"}) from None
        finally:
            self._present -= 1
