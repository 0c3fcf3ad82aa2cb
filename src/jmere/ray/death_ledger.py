"""Which posts each worker has begun, so that those that kill workers become known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, runtime_checkable

MOST_DEATHS = 3
"""Workers that a post may kill, or a task without any of its posts."""


class Deaths(NamedTuple):
    """What a task has cost so far."""

    posts: dict[int, int]
    """Number of deaths of a worker while a post was computed, by the post's place."""
    outside: int
    """Number of deaths while none was."""


@dataclass
class _Task:
    begun: tuple[int, int] | None = None
    """Places of the posts that are computed now, from the first to before the last."""
    attempts: int = 0
    outside: int = 0
    posts: Counter[int] = field(default_factory=Counter)


class DeathLedger:
    """Remembers what is computed; lives apart from the workers, as an actor.

    A task that begins again was left by a worker that has died.

    Example:
        >>> ledger = DeathLedger()
        >>> ledger.begin("part-0")
        Deaths(posts={}, outside=0)
        >>> ledger.mark("part-0", 7, 9)
        >>> ledger.begin("part-0")
        Deaths(posts={7: 1, 8: 1}, outside=0)
        >>> ledger.end("part-0")
    """

    def __init__(self) -> None:
        self._tasks: dict[Hashable, _Task] = {}

    def begin(self, key: Hashable) -> Deaths:
        """Begin a task, for the first time or again; return what it has cost so far."""
        task = self._tasks.setdefault(key, _Task())
        if task.attempts:
            if task.begun is None:
                task.outside += 1
            else:
                task.posts.update(range(*task.begun))
        task.attempts += 1
        task.begun = None
        return Deaths(dict(task.posts), task.outside)

    def mark(self, key: Hashable, start: int, stop: int) -> None:
        """Note that the posts from ``start`` to before ``stop`` are computed now."""
        self._tasks[key].begun = (start, stop)

    def rest(self, key: Hashable) -> None:
        """Note that no post of a task is computed now."""
        self._tasks[key].begun = None

    def end(self, key: Hashable) -> None:
        """Forget a task."""
        self._tasks.pop(key, None)


@runtime_checkable
class TaskMarks(Protocol):
    """What computes the posts of one task tells of them."""

    def begin(self) -> Deaths:
        """Begin the task; return what it has cost so far."""

    def mark(self, start: int, stop: int) -> None:
        """Note which posts are computed now."""

    def rest(self) -> None:
        """Note that no post is computed now."""

    def end(self) -> None:
        """Note that the task is done."""


class RemoteMarks:
    """The marks of one task in a ledger that is an actor; each waits until it is noted."""

    def __init__(self, ray: Any, ledger: Any, key: Hashable) -> None:
        self._ray, self._ledger, self._key = ray, ledger, key

    def begin(self) -> Deaths:
        """Begin the task; return what it has cost so far."""
        return Deaths(*self._ray.get(self._ledger.begin.remote(self._key)))

    def mark(self, start: int, stop: int) -> None:
        """Note which posts are computed now."""
        self._ray.get(self._ledger.mark.remote(self._key, start, stop))

    def rest(self) -> None:
        """Note that no post is computed now."""
        self._ray.get(self._ledger.rest.remote(self._key))

    def end(self) -> None:
        """Note that the task is done."""
        self._ray.get(self._ledger.end.remote(self._key))
