"""Posts of a request, converted to records."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence

from jmere.records import Post, SceneGraph
from jmere.serve.api_errors import ApiError
from jmere.serve.request_models import PostIn
from jmere.serve.serve_config import ServeConfig

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def posts_of(given: Sequence[PostIn], config: ServeConfig, *, where: str = "posts") -> list[Post]:
    """Convert the posts of a request.

    Raises:
        ApiError: 413 if there are too many posts or pictures, 422 with the path of a wrong field.
    """
    for what, count, most in (
        ("posts", len(given), config.max_posts),
        ("pictures", sum(post.image is not None for post in given), config.max_pictures),
    ):
        if count > most:
            raise ApiError(
                413, "too_large", f"the request has {count} {what}; expected at most {most}",
                where=where,
            )  # fmt: skip
    return [post_of(post, config, where=f"{where}[{index}]") for index, post in enumerate(given)]


def post_of(
    given: PostIn, config: ServeConfig, *, where: str, picture: bytes | None = None
) -> Post:
    """Convert one post; ``picture`` is the one that came beside it.

    Raises:
        ApiError: 422 with the path of a wrong field.
    """
    if given.text is None and given.tokens is None:
        raise _wrong(where, "missing 'text' or 'tokens'")
    for name in ("text", "alt_text"):
        value = getattr(given, name)
        if value is not None and len(value) > config.max_text:
            length = f"{len(value):,} characters; expected at most {config.max_text:,}"
            raise _wrong(f"{where}.{name}", length)
    if given.tokens is not None and sum(map(len, given.tokens)) > config.max_text:
        raise _wrong(f"{where}.tokens", f"more than {config.max_text:,} characters")
    if given.image is not None:
        picture = picture_of(given.image, where=f"{where}.image")
    try:
        return Post(
            text=given.text or "",
            tokens=given.tokens,
            id=given.id,
            alt_text=given.alt_text,
            image=picture,
            scene_graph=_scene(given, where),
            time=given.time,
            author=given.author,
            url=given.url,
            language=given.language,
        )
    except ValueError as error:
        raise _wrong(where, str(error)) from None


def picture_of(value: str, *, where: str) -> bytes:
    """Decode a picture's base64.

    Raises:
        ApiError: 422 if it is a URL or no base64.
    """
    if _ADDRESS.match(value):
        raise _wrong(where, "is a URL, and URLs are not opened; expected base64")
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise _wrong(where, "is not base64 of a picture's file") from None


def _scene(given: PostIn, where: str) -> SceneGraph | None:
    if given.scene_graph is None:
        return None
    try:
        return SceneGraph.from_dict(given.scene_graph)
    except ValueError as error:
        raise _wrong(f"{where}.scene_graph", str(error)) from None


def _wrong(where: str, message: str) -> ApiError:
    return ApiError(422, "invalid", message, where=where)
