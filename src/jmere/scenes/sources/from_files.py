"""Scene graphs of files, by the name of the image."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from jmere.records import Post, SceneGraph


class FromFiles:
    """The graph of each post's image, found by its file name."""

    adds = False

    def __init__(self, graphs: Mapping[str, SceneGraph]) -> None:
        """Store the graphs, as ``read_scenes`` returns them."""
        self._graphs = graphs

    def find(self, posts: Sequence[Post], /) -> list[SceneGraph | None]:
        """Return the graph of each post's image; an image in memory has no name."""
        return [
            self._graphs.get(PurePath(post.image).name)
            if isinstance(post.image, str | os.PathLike)
            else None
            for post in posts
        ]
