"""Scene graphs that stand in the posts themselves."""

from __future__ import annotations

from collections.abc import Sequence

from jmere.records import Post, SceneGraph


class Given:
    """The ``scene_graph`` of each post."""

    adds = False

    def find(self, posts: Sequence[Post], /) -> list[SceneGraph | None]:
        """Return the graph of each post, ``None`` where it has none."""
        return [post.scene_graph for post in posts]
