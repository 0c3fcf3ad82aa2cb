"""Descriptions of pictures by a captioner, for posts that have none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jmere.records import Post, SceneGraph
from jmere.scenes.sources.from_pixels import PixelReader
from jmere.vision.flawed import Flawed


class Descriptions:
    """Gives each post with a picture and without ``alt_text`` a caption as its ``alt_text``."""

    def __init__(self, captioner: PixelReader) -> None:
        """Store the captioner, as ``VisualConfig.captions`` returns it."""
        self._captioner = captioner

    def gives(self, post: Post) -> bool:
        """Return whether the post has a picture and no description."""
        return post.image is not None and not (post.alt_text or "").strip()

    def described(self, posts: Sequence[Post]) -> list[Post]:
        """Return the posts, the captioned with their caption; a failure is a warning."""
        found = list(posts)
        open_posts = [index for index, post in enumerate(posts) if self.gives(post)]
        captions = self._captioner.scenes([posts[index].image for index in open_posts])
        for index, caption in zip(open_posts, captions, strict=True):
            found[index] = _with_caption(posts[index], caption)
        return found


def _with_caption(post: Post, caption: SceneGraph | Flawed | Exception) -> Post:
    if isinstance(caption, Exception):
        return replace(post, warnings=(*post.warnings, f"picture not described: {caption}"))
    scene = caption.scene if isinstance(caption, Flawed) else caption
    text = " ".join(thing.label for thing in scene.objects)
    return replace(post, alt_text=text) if text else post
