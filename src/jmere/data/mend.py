"""Corrections of recoverable problems of posts, each with a warning.

The number of characters never changes, so offsets stay valid.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import Any

import numpy as np

from jmere.data.origin import ORIGIN_KEYS
from jmere.data.scene_json import BOX, MAX_COORDINATE, is_sound
from jmere.errors import short_repr
from jmere.records import Post, SceneGraph, SceneObject, SceneRelation

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

MAX_APPEARANCE = 1e6
"""Maximum absolute value in a feature vector."""

MAX_WARNINGS = 3
"""Maximum number of warnings per visual graph; the rest is counted."""

_INVALID = re.compile("[\0\ud800-\udfff]")


def mended_text(text: str, field: str, warnings: list[str]) -> str:
    r"""Replace characters that no file can hold: lone surrogates and the null character.

    >>> warnings = []
    >>> len(mended_text("cut \ud83d off", "text", warnings)), warnings
    (9, ['text: the invalid character at 4 is read as U+FFFD'])

    Args:
        text: Any string.
        field: Name of the field in warnings.
        warnings: List that warnings are appended to.
    """
    found = _INVALID.search(text)
    if found is None:
        return text
    mended, count = _INVALID.subn(REPLACEMENT, text)
    warnings.append(
        f"{field}: {count} invalid characters, the first at {found.start()}, are read as U+FFFD"
        if count > 1
        else f"{field}: the invalid character at {found.start()} is read as U+FFFD"
    )
    return mended


def mended_post(post: Post) -> tuple[Post, list[str]]:
    """Return a post with valid texts, id and words, and the warnings.

    The visual graph is unchanged; see ``mended_scene``.
    """
    warnings: list[str] = []
    changed: dict[str, Any] = {}
    for field in ("id", "text", "alt_text", *ORIGIN_KEYS):
        value = getattr(post, field)
        mended = value if value is None else mended_text(value, field, warnings)
        if mended != value:
            changed[field] = mended
    alt_texts = tuple(mended_text(each, "alt_texts", warnings) for each in post.alt_texts)
    if alt_texts != post.alt_texts:
        changed["alt_texts"] = alt_texts
    if post.id is not None and not post.id.strip():
        warnings.append("id: is blank, so the post has none")
        changed["id"] = None
    if isinstance(post.image, str) and not post.image.strip():
        warnings.append("image: the path is blank, so the post has no picture")
        changed["image"] = None
    if post.tokens is not None:
        blank = [index for index, word in enumerate(post.tokens) if not word.strip()]
        if blank:
            warnings.append(
                f"tokens: {len(blank)} blank words are not read, the first at {blank[0]}"
                if len(blank) > 1
                else f"tokens: word {blank[0]} is blank and not read"
            )
        if "text" in changed:
            changed["tokens"] = [_INVALID.sub(REPLACEMENT, word) for word in post.tokens]
    return (replace(post, **changed) if changed else post), warnings


def image_name(image: object) -> str | None:
    """Return the path of a post's image; ``None`` for an image in memory."""
    if not isinstance(image, str | os.PathLike):
        return None
    return _INVALID.sub(REPLACEMENT, os.fsdecode(image))


def mended_scene(scene: SceneGraph) -> tuple[SceneGraph, list[str]]:
    """Remove invalid boxes, scores, sizes and feature vectors from a visual graph.

    The object or relation itself is kept.
    """
    warnings: list[str] = []
    objects = tuple(_object(*each, warnings) for each in enumerate(scene.objects))
    relations = tuple(
        _relation(index, each, warnings) for index, each in enumerate(scene.relations)
    )
    size = scene.size
    if size is not None and not all(0 < side <= MAX_COORDINATE for side in size):
        warnings.append(
            f"size: {short_repr(size)} left out; expected 1 to {MAX_COORDINATE:,} pixels"
        )
        size = None
    appearance = scene.appearance
    if appearance is not None:
        wrong = np.any(np.abs(appearance) > MAX_APPEARANCE, axis=1)
        if wrong.any():
            warnings.append(
                f"appearance of objects[{int(wrong.argmax())}] left out; "
                f"expected finite numbers up to {MAX_APPEARANCE:,.0f}"
            )
            appearance = np.where(wrong[:, None], np.float32(np.nan), appearance)
    caption = scene.caption
    if caption is not None:
        caption = mended_text(caption, "caption", warnings)
    if not warnings:
        return scene, warnings
    return SceneGraph(objects, relations, size, appearance, caption), _first(warnings)


def _object(index: int, thing: SceneObject, warnings: list[str]) -> SceneObject:
    where = f"objects[{index}]"
    label = mended_text(thing.label, f"{where}: label", warnings)
    box = thing.box
    if box is not None and not is_sound(box):
        warnings.append(f"{where}: box {short_repr(box)} left out; expected {BOX}")
        box = None
    score = _score(thing.score, where, warnings)
    if (label, box, score) == (thing.label, thing.box, thing.score):
        return thing
    return SceneObject(label, box, score)


def _relation(index: int, relation: SceneRelation, warnings: list[str]) -> SceneRelation:
    where = f"relations[{index}]"
    predicate = mended_text(relation.predicate, f"{where}: predicate", warnings)
    score = _score(relation.score, where, warnings)
    if (predicate, score) == (relation.predicate, relation.score):
        return relation
    return replace(relation, predicate=predicate, score=score)


def _score(score: float | None, where: str, warnings: list[str]) -> float | None:
    if score is None or 0 <= score <= 1:
        return score
    warnings.append(f"{where}: score {score} left out; expected a number from 0 to 1")
    return None


def _first(warnings: list[str]) -> list[str]:
    more = len(warnings) - MAX_WARNINGS
    return [*warnings[:MAX_WARNINGS], *([f"{more} more faults like these"] if more > 0 else [])]
