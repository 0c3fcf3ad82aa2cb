"""All that is wrong with a file of posts, not just the first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jmere.data.fields import shown
from jmere.data.jsonl import read_lines
from jmere.files import Problem, inside
from jmere.records import Entity, Post
from jmere.tags import TagSet
from jmere.text.words import Words, words_of


def problems(
    path: str | Path, tags: TagSet | None = None, *, images: str | Path | None = None
) -> Iterator[Problem]:
    """Every problem of a file of posts, in the order of its lines.

    These are the faults a reader finds, labels that are not in the tag set, an id or a
    quintuple given twice, entities that begin or end inside a word, and images
    outside their folder.

    Args:
        path: A file of JSON Lines.
        tags: The known entity types and relations; ``None`` takes any.
        images: Folder that the images are in; by default that of the file.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    folder = Path(path).parent if images is None else Path(images)
    lines: dict[str, int] = {}
    for line in read_lines(path, tags=tags):
        post = line.post
        messages = [*line.faults, *_boundaries(post), *_repeats(post), *_image(post, folder)]
        if post.id is not None and lines.setdefault(post.id, line.number) != line.number:
            messages.append(f"id {post.id!r} is already on line {lines[post.id]}")
        for message in messages:
            yield Problem(str(path), line.number, message)


def _boundaries(post: Post) -> Iterator[str]:
    entities = post.all_entities()
    if not entities:
        return
    words = words_of(post)
    for entity in entities:
        if words.mention(entity) is None:
            yield (
                f"entity {shown(entity.text)}, characters {entity.start} to {entity.end}, "
                f"begins or ends inside a word; {_nearby(entity, words)}"
            )


def _nearby(entity: Entity, words: Words) -> str:
    cut = [
        f"{word!r} ({start} to {end})"
        for word, (start, end) in zip(words.words, words.spans, strict=True)
        if start < entity.end and end > entity.start
    ]
    ends = list(dict.fromkeys([*cut[:1], *cut[-1:]]))
    return f"the words there are {' ... '.join(ends)}" if ends else "there are only spaces"


def _repeats(post: Post) -> Iterator[str]:
    first = {quintuple: index for index, quintuple in reversed([*enumerate(post.quintuples)])}
    for index, quintuple in enumerate(post.quintuples):
        if first[quintuple] != index:
            yield (
                f"a quintuple is given twice: {shown(quintuple.head.text)} {quintuple.relation} "
                f"{shown(quintuple.tail.text)}"
            )


def _image(post: Post, folder: Path) -> Iterator[str]:
    if post.image is not None:
        try:
            inside(folder, post.image)
        except (ValueError, OSError) as error:
            yield f"image {error}"
