"""Summary counts of a run of ``jmere extract``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jmere.records import Extraction, Post

if TYPE_CHECKING:
    from jmere.scenes.sources.search import SceneSources


class Counted:
    """Results that are counted as they pass."""

    def __init__(self, results: Iterable[Extraction]) -> None:
        self._results = results
        self.count = 0

    def __iter__(self) -> Iterator[Extraction]:
        for self.count, found in enumerate(self._results, start=1):  # noqa: B020
            yield found


@dataclass
class Tally:
    """Counter of posts and results as they pass."""

    bad: int = 0
    unread: int = 0
    warned: int = 0
    first: str = ""
    """First warning; every warning is in its post's line."""

    def posts(self, posts: Iterable[Post], scenes: SceneSources) -> Iterator[Post]:
        """Yield the posts; count those with an image but no scene source."""
        for post in posts:
            self.unread += post.image is not None and not scenes.gives(post)
            yield post

    def results(self, results: Iterable[Extraction]) -> Iterator[Extraction]:
        """Yield the results; count those with warnings."""
        for found in results:
            if found.warnings:
                self.first = self.first or f"post {found.id!r}: {found.warnings[0]}"
                self.warned += 1
            yield found

    def __str__(self) -> str:
        parts = {
            f"{self.bad} bad lines skipped": self.bad,
            f"{self.unread} images not analysed: pass --images": self.unread,
            f"{self.warned} with warnings, the first: {self.first}": self.warned,
        }
        return "".join(f", {text}" for text, count in parts.items() if count)
