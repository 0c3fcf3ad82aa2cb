"""Quintuples of the words in pictures: each block of lines is read as a text of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from jmere.records import Entity, Extraction, Post, Quintuple, SceneGraph
from jmere.scenes.sources.from_pixels import PixelReader
from jmere.tagger.predict import begin_extraction
from jmere.tagger.tagger import Tagger
from jmere.vision.flawed import Flawed
from jmere.vision.ocr.blocks import TextBlock, text_blocks

FROM_PICTURE = "picture"
"""The ``source`` of a quintuple that was read in a picture."""

MAX_BLOCKS = 20
"""Maximum number of blocks of a picture that are read."""


class PictureBlocks(NamedTuple):
    """The blocks of text in a post's picture, and a warning where it cannot be read."""

    blocks: tuple[TextBlock, ...] = ()
    warning: str | None = None


def begin_reading(
    tagger: Tagger, posts: Sequence[Post], lines: PixelReader, *, batch_size: int
) -> Callable[[Iterable[Extraction]], Iterator[Extraction]]:
    """Begin to read the words in the pictures of posts.

    A block is read without its picture, as a text of its own.

    Args:
        tagger: The model.
        posts: The posts.
        lines: Reader of the lines in pictures.
        batch_size: Maximum number of blocks in a batch.

    Returns:
        What adds to the result of each post the quintuples and entities of its picture's words.
        They have boxes in pixels of the picture in place of offsets; the quintuples have the
        source ``picture``.
    """
    seen = _blocks_of(posts, lines)
    texts = [Post(block.readable) for each in seen for block in each.blocks]
    prepared = tagger.prepare(texts, [SceneGraph()] * len(texts))
    finish = begin_extraction(tagger, prepared, batch_size=batch_size, alignment=False)

    def added(results: Iterable[Extraction]) -> Iterator[Extraction]:
        found = finish()
        for result, each in zip(results, seen, strict=True):
            own = list(zip(each.blocks, islice(found, len(each.blocks)), strict=True))
            yield _with_facts(result, own, each.warning)

    return added


def _blocks_of(posts: Sequence[Post], lines: PixelReader) -> list[PictureBlocks]:
    found = [PictureBlocks() for _ in posts]
    places = [index for index, post in enumerate(posts) if post.image is not None]
    for index, seen in zip(places, lines.scenes([posts[i].image for i in places]), strict=True):
        if isinstance(seen, Exception):
            found[index] = PictureBlocks(warning=f"picture not read: {seen}")
        else:
            scene = seen.scene if isinstance(seen, Flawed) else seen
            found[index] = PictureBlocks(tuple(text_blocks(scene.objects)[:MAX_BLOCKS]))
    return found


def _with_facts(
    result: Extraction, found: Sequence[tuple[TextBlock, Extraction]], warning: str | None
) -> Extraction:
    quintuples = [_quintuple(q, block) for block, read in found for q in read.quintuples]
    entities = [_boxed(entity, block) for block, read in found for entity in read.entities]
    if warning is not None and warning not in result.warnings:
        result = replace(result, warnings=(*result.warnings, warning))
    return replace(
        result,
        quintuples=(*result.quintuples, *quintuples),
        entities=(*result.entities, *entities),
    )


def _quintuple(found: Quintuple, block: TextBlock) -> Quintuple:
    return replace(
        found,
        head=_boxed(found.head, block),
        tail=_boxed(found.tail, block),
        source=FROM_PICTURE,
    )


def _boxed(entity: Entity, block: TextBlock) -> Entity:
    text = block.text[entity.start : entity.end]
    return Entity(text, entity.type, -1, -1, block.box(entity.start, entity.end))
