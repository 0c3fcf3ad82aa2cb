"""What is known of a post's picture, in words."""

from __future__ import annotations

from jmere.records import Post, SceneGraph


def description_of(post: Post, scene: SceneGraph) -> str:
    """Return the alternative text of a post, or else the labels of the objects in its picture.

    Blank where nothing is known of a picture.

    Example:
        >>> from jmere import SceneObject
        >>> description_of(Post("Ann wins"), SceneGraph((SceneObject("man"), SceneObject("cup"))))
        'man, cup'
    """
    if post.alt_text and post.alt_text.strip():
        return post.alt_text
    return ", ".join(thing.label.replace("_", " ") for thing in scene.objects)
