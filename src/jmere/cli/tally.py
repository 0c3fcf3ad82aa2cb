"""What is told of a run of ``jmere extract`` at its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from os import PathLike
from pathlib import PurePath

from jmere.records import Extraction, Post


@dataclass
class Tally:
    """Counts posts and results as they pass."""

    looks: bool
    """Whether pictures are looked at."""
    graphs: Container[str] = ()
    """File names of the pictures whose visual graphs are given."""
    bad: int = 0
    unread: int = 0
    warned: int = 0
    first: str = ""
    """The first warning; each is in the line of its post."""
    _unseen: deque[bool] = field(default_factory=deque)

    def posts(self, posts: Iterable[Post]) -> Iterator[Post]:
        """The same posts; of each it is noted whether its picture is looked at by nobody."""
        for post in posts:
            self._unseen.append(not self.looks and self._has_unseen_picture(post))
            yield post

    def results(self, results: Iterable[Extraction]) -> Iterator[Extraction]:
        """The same results, one for each post that has passed."""
        for found in results:
            if found.warnings:
                self.first = self.first or f"post {found.id!r}: {found.warnings[0]}"
                self.warned += 1
            if self._unseen.popleft() and not found.scene_graph.objects:
                self.unread += 1
            yield found

    def _has_unseen_picture(self, post: Post) -> bool:
        if post.image is None or post.scene_graph is not None:
            return False
        named = isinstance(post.image, str | PathLike)
        return not (named and PurePath(post.image).name in self.graphs)

    def __str__(self) -> str:
        parts = {
            f"{self.bad} bad lines skipped": self.bad,
            f"{self.unread} pictures not looked at: give --images": self.unread,
            f"{self.warned} with warnings, the first: {self.first}": self.warned,
        }
        return "".join(f", {text}" for text, count in parts.items() if count)
