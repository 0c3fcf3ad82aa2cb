"""Words behind a post: what is known of its picture, for the encoder to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jmere.inputs.graph_config import Context
from jmere.records import SceneGraph
from jmere.scenes.files.bare_boxes import NO_LABEL
from jmere.text.pieces import PieceTokenizer

_WORD = re.compile(r"\w+")

_CHARACTERS = 16
"""Characters of a context that are read, per piece of it."""


def context_text(scene: SceneGraph, kind: Context) -> str:
    """Write what is known of a picture as text.

    The caption comes first, then the labels of the objects, then the relations. What the caption
    names is not repeated.

    Example:
        >>> from jmere.records import SceneObject, SceneRelation
        >>> man, cup, bus = SceneObject("man"), SceneObject("cup"), SceneObject("bus")
        >>> scene = SceneGraph((man, cup, bus), (SceneRelation(0, "holding", 1),), caption="A man")
        >>> context_text(scene, "objects")
        'man, cup, bus, man holding cup'
        >>> context_text(scene, "all")
        'A man. cup, bus, man holding cup'
    """
    caption = scene.caption or "" if kind in ("caption", "all") else ""
    if kind not in ("objects", "all"):
        return caption
    named = ", ".join(dict.fromkeys(_statements(scene, caption)))
    return f"{caption.rstrip('. ')}. {named}" if caption and named else caption or named


def _statements(scene: SceneGraph, caption: str) -> Iterator[str]:
    labels = [_in_words(each.label) for each in scene.objects]
    told = set()
    if caption:
        words = _spaced(caption)
        told = {each for each in labels if _WORD.search(each) and _spaced(each) in words}
    yield from (label for label in labels if label not in told and label != NO_LABEL)
    for relation in scene.relations:
        subject, other = labels[relation.subject], labels[relation.object]
        if not (subject in told and other in told):
            yield f"{subject} {_in_words(relation.predicate)} {other}"


def _in_words(label: str) -> str:
    return label.replace("_", " ")


def _spaced(text: str) -> str:
    """Return the words of a text in lower case, each between spaces."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


@dataclass(frozen=True)
class ContextWriter:
    """Writes contexts as word pieces, with the special pieces around them."""

    kind: Context
    pieces: PieceTokenizer
    limit: int
    """Maximum number of pieces of a context, special ones aside."""
    before: tuple[int, ...]
    after: tuple[int, ...]

    @classmethod
    def of(cls, kind: Context, pieces: PieceTokenizer, limit: int) -> ContextWriter | None:
        """Return the writer of a kind of context; ``None`` where there is none."""
        return None if kind == "none" else cls(kind, pieces, limit, *pieces.frame())

    def __call__(self, scenes: Sequence[SceneGraph], rooms: Sequence[int]) -> list[tuple[int, ...]]:
        """Return the pieces of each picture's context, special ones included.

        Args:
            scenes: What is known of the pictures.
            rooms: Maximum number of pieces of each, special ones included; what is beyond is cut.
        """
        texts = [context_text(each, self.kind)[: _CHARACTERS * self.limit] for each in scenes]
        distinct = [text for text in dict.fromkeys(texts) if text.strip()]
        pieces = dict(zip(distinct, self.pieces.labels(distinct), strict=True))
        return [
            self._framed(pieces.get(text, ()), room)
            for text, room in zip(texts, rooms, strict=True)
        ]

    def _framed(self, pieces: tuple[int, ...], room: int) -> tuple[int, ...]:
        room -= len(self.before) + len(self.after)
        kept = pieces[: max(0, min(room, self.limit))]
        return (*self.before, *kept, *self.after) if kept else ()
