"""Posts gathered in batches for the database."""

from __future__ import annotations

from typing import Any

from jmere.knowledge.disk.disk_tables import JOINED
from jmere.knowledge.disk.post_columns import post_tables
from jmere.knowledge.reading import PostReader, PredictedPost

_BATCH = 50_000
"""Entities and ends of quintuples of posts that are in memory before all go to the database."""

_BATCH_TEXT = 1 << 24
"""Characters of their texts."""


class WaitingPosts:
    """Gathers posts; ``number`` is that of the next."""

    def __init__(self, reader: PostReader, *, number: int = 1) -> None:
        self.number = number
        self._reader = reader
        self._posts: list[PredictedPost] = []
        self._things = self._characters = 0

    @property
    def is_full(self) -> bool:
        """Return whether the posts should go to the database."""
        return self._things >= _BATCH or self._characters >= _BATCH_TEXT

    def add(self, post: PredictedPost) -> None:
        """Add a post.

        Raises:
            ValueError: If it has no id.
        """
        if post.id is None:
            raise ValueError("a post without an id cannot be kept on disk; expected 'id'")
        self._posts.append(post)
        self._things += 1 + 2 * len(post.quintuples) + len(self._reader.entities(post))
        self._characters += len(getattr(post, "text", "") or "")

    def tables(self) -> dict[str, Any]:
        """Return what the posts say as tables of Arrow, and begin anew.

        Raises:
            ValueError: If a post has an offset that no text has.
        """
        posts, self._posts = self._posts, []
        self._things = self._characters = 0
        first, self.number = self.number, self.number + len(posts)
        return post_tables(posts, first, self._reader) if posts else {}


class PostBatches:
    """Appends posts to the tables; either one by one or, by ``insert``, many at a time."""

    def __init__(self, connection: Any, reader: PostReader) -> None:
        self._connection = connection
        self._batch = WaitingPosts(reader)

    def add(self, post: PredictedPost) -> None:
        """Add a post.

        Raises:
            ValueError: If a post has no id, or an offset that no text has.
        """
        self._batch.add(post)
        if self._batch.is_full:
            self.insert(self._batch.tables())

    def insert(self, tables: dict[str, Any]) -> None:
        """Append the rows of tables by name."""
        for name, table in tables.items():
            self._connection.register("batch", table)
            self._connection.execute(f"INSERT INTO {name} SELECT * FROM batch")
            self._connection.unregister("batch")

    def finish(self) -> None:
        """Write the last rows, and join evidence with its posts."""
        self.insert(self._batch.tables())
        for query in JOINED:
            self._connection.execute(query)
