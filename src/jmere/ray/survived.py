"""Results of posts of which some may kill the process, or raise errors."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from jmere.errors import one_line
from jmere.ray.death_ledger import MOST_DEATHS, Deaths, TaskMarks
from jmere.records import Extraction, Post

if TYPE_CHECKING:
    from jmere.extract import Extractor


@dataclass(frozen=True)
class Failure:
    """A post without a result."""

    post: Post
    reason: str


@dataclass(frozen=True, kw_only=True)
class Survivor:
    """Extracts from the posts of one task, of which earlier attempts may have died.

    Posts are computed together, as by ``jmere extract``. Those that were being computed when a
    worker died are computed one by one, so that the next death tells which one it was; one that
    three workers died of is not tried again. So is one that raises an error.
    """

    extractor: Extractor
    marks: TaskMarks
    deaths: Deaths
    batch_size: int = 64

    def results(self, posts: Iterable[Post]) -> Iterator[Extraction | Failure]:
        """Yield the result or the failure of each post, in order.

        An error in reading the posts is raised after the results of those before.
        """
        suspects = self.deaths.posts
        for alone, group in groupby(enumerate(posts), key=lambda pair: pair[0] in suspects):
            compute = self._one_by_one if alone else self._together
            yield from compute(group)
        self.marks.rest()

    def _one_by_one(self, numbered: Iterable[tuple[int, Post]]) -> Iterator[Extraction | Failure]:
        return map(self._alone, numbered)

    def _alone(self, numbered: tuple[int, Post]) -> Extraction | Failure:
        place, post = numbered
        count = self.deaths.posts.get(place, 0)
        if count >= MOST_DEATHS:
            return Failure(post, f"killed its worker {count} times")
        self.marks.mark(place, place + 1)
        try:
            return self.extractor.extract(post)
        except Exception as error:
            return Failure(post, f"{type(error).__name__}: {one_line(error)}")

    def _together(self, numbered: Iterator[tuple[int, Post]]) -> Iterator[Extraction | Failure]:
        from jmere.extract import chunk_size

        waiting: deque[tuple[int, Post]] = deque()
        source = _Source(numbered, waiting, self.marks, chunk_size(self.batch_size))
        while True:
            try:
                for found in self.extractor.stream(source, batch_size=self.batch_size):
                    waiting.popleft()
                    yield found
                break
            except Exception:
                # One of those that wait raises an error; the others have results.
                alone = list(waiting)
                waiting.clear()
            yield from self._one_by_one(alone)
            source.forget_marks()
        if source.error is not None:
            raise source.error


class _Source:
    """Posts on their way to the extractor, which are marked before they are computed."""

    def __init__(
        self,
        numbered: Iterator[tuple[int, Post]],
        waiting: deque[tuple[int, Post]],
        marks: TaskMarks,
        chunk: int,
    ) -> None:
        self._numbered, self._waiting, self._marks, self._chunk = numbered, waiting, marks, chunk
        self._marked = -1
        self.error: Exception | None = None
        """What reading the posts has raised."""

    def forget_marks(self) -> None:
        """Mark the next post again: others were computed in between."""
        self._marked = -1

    def __iter__(self) -> Iterator[Post]:
        while self.error is None:
            try:
                place, post = next(self._numbered)
            except StopIteration:
                return
            except Exception as error:
                self.error = error
                return
            self._waiting.append((place, post))
            if place >= self._marked:
                self._marked = place + self._chunk
                self._marks.mark(self._waiting[0][0], self._marked)
            yield post
