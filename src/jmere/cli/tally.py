"""What is told of a run of ``jmere extract`` at its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jmere.records import Extraction, Post

if TYPE_CHECKING:
    from jmere.scenes.sources import SceneSources


@dataclass
class Tally:
    """Counts posts and results as they pass."""

    bad: int = 0
    unread: int = 0
    warned: int = 0
    first: str = ""
    """The first warning; each is in the line of its post."""

    def posts(self, posts: Iterable[Post], scenes: SceneSources) -> Iterator[Post]:
        """The same posts; counted are those with a picture of which no source tells anything."""
        for post in posts:
            self.unread += post.image is not None and not scenes.gives(post)
            yield post

    def results(self, results: Iterable[Extraction]) -> Iterator[Extraction]:
        """The same results; counted are those with warnings."""
        for found in results:
            if found.warnings:
                self.first = self.first or f"post {found.id!r}: {found.warnings[0]}"
                self.warned += 1
            yield found

    def __str__(self) -> str:
        parts = {
            f"{self.bad} bad lines skipped": self.bad,
            f"{self.unread} pictures not looked at: give --images": self.unread,
            f"{self.warned} with warnings, the first: {self.first}": self.warned,
        }
        return "".join(f", {text}" for text, count in parts.items() if count)
