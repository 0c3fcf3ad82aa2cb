"""Scene graphs of pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

from jmere.records import Post, SceneGraph
from jmere.scenes.sources.search import SceneResult
from jmere.vision.flawed import Flawed


@runtime_checkable
class PixelReader(Protocol):
    """Turns pictures into scene graphs, many one after another."""

    def scenes(self, pictures: Sequence[Any], /) -> Iterator[SceneGraph | Flawed | Exception]:
        """Yield the scene graph of each picture, or the error."""


class FromPixels:
    """What is seen in the picture of each post; a picture that cannot be read is a warning."""

    adds = True

    def __init__(self, reader: PixelReader) -> None:
        """Store the reader of pictures, such as ``jmere.vision.PixelScenes``."""
        self._reader = reader

    def gives(self, post: Post) -> bool:
        """Return whether the post has a picture."""
        return post.image is not None

    def find(self, posts: Sequence[Post], /) -> list[SceneResult | None]:
        """Return the graph of each picture; one that cannot be read has no objects."""
        found: list[SceneResult | None] = [None] * len(posts)
        places = [index for index, post in enumerate(posts) if self.gives(post)]
        if places:
            seen = self._reader.scenes([posts[index].image for index in places])
            for index, answer in zip(places, seen, strict=True):
                found[index] = _result(answer)
        return found


def _result(answer: SceneGraph | Flawed | Exception) -> SceneResult:
    if isinstance(answer, Exception):
        return SceneResult(SceneGraph(), (f"picture not read: {answer}",))
    if isinstance(answer, Flawed):
        return SceneResult(answer.scene, (f"damaged picture: {answer.warning}",))
    return SceneResult(answer)
