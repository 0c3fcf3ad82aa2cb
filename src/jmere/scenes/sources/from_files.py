"""Scene graphs of files, by the name of the image."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from jmere.records import Post, SceneGraph
from jmere.scenes.files.bare_boxes import is_unnamed


class FromFiles:
    """The graph of each post's image, found by its file name, or its name without suffix.

    Boxes without labels are joined with the graphs of other sources, which have names.
    """

    def __init__(self, graphs: Mapping[str, SceneGraph]) -> None:
        """Store the graphs, as ``read_scenes`` returns them."""
        self._graphs = graphs
        self.adds = bool(graphs) and all(map(is_unnamed, graphs.values()))

    def find(self, posts: Sequence[Post], /) -> list[SceneGraph | None]:
        """Return the graph of each post's image; an image in memory has no name."""
        return [
            self._of(PurePath(post.image)) if isinstance(post.image, str | os.PathLike) else None
            for post in posts
        ]

    def _of(self, image: PurePath) -> SceneGraph | None:
        found = self._graphs.get(image.name)
        return self._graphs.get(image.stem) if found is None else found
