"""Scene graphs of the words in pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jmere.records import Post, SceneGraph, SceneObject
from jmere.scenes.sources.from_pixels import FromPixels, PixelReader
from jmere.scenes.sources.search import SceneResult

LINES = 5
"""Maximum number of lines of a picture that become objects: those in the tallest letters."""


class FromWords:
    """The words read in the picture of each post: a line is an object, its text the label."""

    adds = True

    def __init__(self, reader: PixelReader) -> None:
        """Store the reader of lines, as ``VisualConfig.words`` returns it."""
        self._seen = FromPixels(reader)

    def gives(self, post: Post) -> bool:
        """Return whether the post has a picture."""
        return self._seen.gives(post)

    def find(self, posts: Sequence[Post], /) -> list[SceneResult | None]:
        """Return the lines of each picture; one that cannot be read has no objects."""
        return [
            None if found is None else found._replace(scene=tallest_lines(found.scene))
            for found in self._seen.find(posts)
        ]


def tallest_lines(scene: SceneGraph, most: int = LINES) -> SceneGraph:
    """Return the ``most`` lines in the tallest letters, in their order.

    Example:
        >>> lines = (SceneObject("small", (0, 0, 9, 8)), SceneObject("TALL", (0, 9, 90, 59)))
        >>> [line.label for line in tallest_lines(SceneGraph(lines), 1).objects]
        ['TALL']
    """
    ranked = sorted(scene.objects, key=_height, reverse=True)[:most]
    return replace(scene, objects=tuple(line for line in scene.objects if line in ranked))


def _height(line: SceneObject) -> float:
    return 0.0 if line.box is None else line.box[3] - line.box[1]
