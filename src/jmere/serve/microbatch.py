"""Concurrent requests computed together: a bounded queue and one worker thread."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from jmere.records import Extraction, Post
from jmere.serve.serve_config import ServeConfig
from jmere.serve.telemetry import Telemetry

_log = logging.getLogger(__name__)

_SMOOTHING = 0.2
"""Share of the newest batch in the estimate of the seconds per post."""

_LONGEST_RETRY = 60  # seconds


@runtime_checkable
class StreamExtractor(Protocol):
    """What the server needs of an ``Extractor``."""

    tagger: Any
    """Knows the tag set."""

    def stream(self, posts: Iterable[Post], /, *, batch_size: int) -> Iterable[Extraction]:
        """Yield the result of each post, in order."""


class QueueFullError(Exception):
    """Too many posts wait; says after how many seconds to try again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("the queue is full")
        self.retry_after = retry_after


class StoppedError(Exception):
    """The server is stopping, or the model could not be loaded."""


@dataclass(eq=False)
class _Job:
    posts: Sequence[Post]
    future: asyncio.Future[list[Extraction]]
    loop: asyncio.AbstractEventLoop
    since: float = field(default_factory=time.perf_counter)


class MicroBatcher:
    """Collects the posts of concurrent requests and extracts from them together.

    ``submit`` is called in an event loop; one thread loads the extractor and runs it. A request
    waits a few milliseconds for others, and not at all if it has waited for the thread already.
    """

    def __init__(
        self, load: Callable[[], StreamExtractor], config: ServeConfig, telemetry: Telemetry
    ) -> None:
        self._load, self._config, self._telemetry = load, config, telemetry
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._waiting = 0
        self._seconds_per_post = 0.01
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="jmere-extract", daemon=True)
        self.extractor: StreamExtractor | None = None
        """The extractor, once it is loaded."""
        self.failure: Exception | None = None
        """Why there is none."""
        self.on_failure: Callable[[], object] = lambda: None
        """Called when the extractor could not be loaded."""

    @property
    def waiting(self) -> int:
        """Return the number of posts that wait."""
        return self._waiting

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Accept nothing more; what was accepted is still computed."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def join(self) -> None:
        """Wait until all accepted work is done."""
        self._thread.join()

    def submit(self, posts: Sequence[Post]) -> asyncio.Future[list[Extraction]]:
        """Queue the posts of one request; the future gives their results in order.

        Cancelling the future takes the posts out of the queue.

        Raises:
            QueueFullError: If too many posts wait.
            StoppedError: If the server is stopping.
        """
        loop = asyncio.get_running_loop()
        job = _Job(posts, loop.create_future(), loop)
        with self._changed:
            if self._closed or self.failure is not None:
                raise StoppedError("the server is stopping")
            if self._waiting + len(posts) > self._config.max_queue:
                raise QueueFullError(self._retry_after())
            self._jobs.append(job)
            self._count(len(posts))
            # Woken more often, the thread would take the interpreter's lock each time.
            if len(self._jobs) == 1 or self._waiting >= self._config.max_batch:
                self._changed.notify()
        job.future.add_done_callback(lambda future: self._forget(job, future.cancelled()))
        return job.future

    def _retry_after(self) -> int:
        seconds = self._waiting * self._seconds_per_post
        return min(max(1, math.ceil(seconds)), _LONGEST_RETRY)

    def _forget(self, job: _Job, cancelled: bool) -> None:
        if not cancelled:
            return
        with self._changed:
            if job in self._jobs:
                self._jobs.remove(job)
                self._count(-len(job.posts))

    def _count(self, change: int) -> None:
        self._waiting += change
        self._telemetry.queue.set(self._waiting)

    def _run(self) -> None:
        try:
            self.extractor = self._load()
        except Exception as error:
            with self._changed:
                self.failure = error
                jobs = list(self._jobs)
                self._jobs.clear()
            for job in jobs:
                _settle(job, StoppedError("the model could not be loaded"))
            self.on_failure()
            return
        self._telemetry.ready.set(1)
        while jobs := self._take():
            self._work(jobs)

    def _take(self) -> list[_Job]:
        """Wait for the jobs of the next batch; empty once all is done and closed."""
        with self._changed:
            while not self._jobs:
                if self._closed:
                    return []
                self._changed.wait()
            until = self._jobs[0].since + self._config.max_wait
            while self._waiting < self._config.max_batch and not self._closed:
                left = until - time.perf_counter()
                if left <= 0 or not self._changed.wait(left):
                    break
            taken: list[_Job] = []
            size = 0
            while self._jobs and (
                not taken or size + len(self._jobs[0].posts) <= self._config.max_batch
            ):
                taken.append(self._jobs.popleft())
                size += len(taken[-1].posts)
            self._count(-size)
        return taken or self._take()

    def _work(self, jobs: Sequence[_Job]) -> None:
        started = time.perf_counter()
        for job in jobs:
            self._telemetry.stage("wait", started - job.since)
        posts = [post for job in jobs for post in job.posts]
        try:
            results = self._extract(posts)
        except Exception as error:
            if len(jobs) == 1:
                _log.exception("extraction failed")
                _settle(jobs[0], error)
                return
            for job in jobs:  # so that one request's fault is not the others'
                self._work([job])
            return
        seconds = time.perf_counter() - started
        self._telemetry.batch(len(posts), seconds)
        rate = seconds / max(1, len(posts))
        self._seconds_per_post += _SMOOTHING * (rate - self._seconds_per_post)
        _settle_all(jobs, results)

    def _extract(self, posts: Sequence[Post]) -> list[Extraction]:
        assert self.extractor is not None
        if not posts:
            return []
        return list(self.extractor.stream(posts, batch_size=self._config.batch_size))


def _settle_all(jobs: Sequence[_Job], results: Sequence[Extraction]) -> None:
    """Give each job its part of the results, with one call into each event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[_Job, list[Extraction]]]] = {}
    start = 0
    for job in jobs:
        own = list(results[start : start + len(job.posts)])
        start += len(job.posts)
        loops.setdefault(job.loop, []).append((job, own))
    for loop, ready in loops.items():
        loop.call_soon_threadsafe(_resolve, ready)


def _resolve(ready: Iterable[tuple[_Job, list[Extraction]]]) -> None:
    for job, results in ready:
        if not job.future.done():
            job.future.set_result(results)


def _settle(job: _Job, error: Exception) -> None:
    def fail() -> None:
        if not job.future.done():
            job.future.set_exception(error)

    job.loop.call_soon_threadsafe(fail)
