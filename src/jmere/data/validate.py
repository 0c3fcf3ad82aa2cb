"""Validation of files of posts: all problems, each with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from jmere.data.jsonl import Line, read_lines
from jmere.errors import DataError, Problem, short_repr
from jmere.files.whole import resolve_inside
from jmere.grid.holding import hold
from jmere.records import Entity, Link, Post, SceneGraph
from jmere.tags import TagSet
from jmere.text.words import Words, post_words

FARTHEST = 1e6
"""Maximum distance of a box corner from the origin, in pixels."""


class ProblemKind(str, Enum):
    """Kind of a problem of a post."""

    RECORD = "record"
    """The line, or a field of it, cannot be parsed."""
    ID = "id"
    """Duplicate id."""
    EMPTY = "empty"
    """The post has no words."""
    IMAGE = "image"
    """The image is missing, empty, unreadable or outside its folder."""
    BOX = "box"
    """A box is outside its image."""
    BOUNDARY = "boundary"
    """An entity begins or ends inside a word, so no model can learn it."""
    REPEAT = "repeat"
    """Duplicate quintuple."""
    GRID = "grid"
    """An entity or quintuple does not fit the word-pair grid."""
    LENGTH = "length"
    """The post has more word pieces than the model accepts."""

    @property
    def fatal(self) -> bool:
        """Return whether a post with such a problem cannot be used for training or scoring."""
        return self in (ProblemKind.RECORD, ProblemKind.ID)


@dataclass(frozen=True, slots=True)
class Finding(Problem):
    """A problem of a post with its kind."""

    kind: ProblemKind


@dataclass(frozen=True, kw_only=True)
class Checks:
    """Optional checks and their inputs."""

    tags: TagSet | None = None
    """The known entity types and relations; ``None`` takes any."""
    images: str | Path | None = None
    """Image folder, to check that images exist; ``None`` skips the check."""
    picture: Callable[[str], str | None] | None = None
    """Function that returns the problem of an image in ``images``, or ``None``."""
    pieces: Callable[[Sequence[str]], int] | None = None
    """Function that counts the word pieces of words, special pieces included."""
    longest: int = 0
    """Maximum number of pieces of the model; used with ``pieces``."""


OnFinding = Callable[[Finding], None]
"""Callback for each problem."""


def refuse_fatal(finding: Finding) -> None:
    """Raise the first problem that prevents training.

    Raises:
        DataError: If the problem is fatal.
    """
    if finding.kind.fatal:
        raise DataError(finding)


def problems(
    path: str | Path, tags: TagSet | None = None, *, checks: Checks | None = None
) -> Iterator[Finding]:
    """Yield every problem of a file of posts, in line order.

    Args:
        path: A file of JSON Lines.
        tags: Short for ``checks=Checks(tags=tags)``.
        checks: What to check beside the records themselves.

    Raises:
        FileNotFoundError: If the file does not exist.
    """
    for _, findings in _examine(path, checks or Checks(tags=tags), {}):
        yield from findings


def check_posts(
    *paths: str | Path, checks: Checks | None = None, on_finding: OnFinding = refuse_fatal
) -> Iterator[Post]:
    """Read and check the posts of files that belong together.

    Ids must be unique across the files. Each file is read once, so it may be a pipe.

    Args:
        paths: Files of JSON Lines.
        checks: What to check beside the records themselves.
        on_finding: Told of every problem. Unless it stops, posts with fatal problems are
            left out and the others are kept.

    Raises:
        FileNotFoundError: If the file does not exist.
        DataError: At the first fatal problem, unless ``on_finding`` continues.
    """
    ids: dict[str, str] = {}
    for path in paths:
        for line, findings in _examine(path, checks or Checks(), ids):
            for finding in findings:
                on_finding(finding)
            if line is not None and not any(finding.kind.fatal for finding in findings):
                yield line.post


def _examine(
    path: str | Path, checks: Checks, ids: dict[str, str]
) -> Iterator[tuple[Line | None, list[Finding]]]:
    """Yield each line of a file with its problems; no line if the file itself is damaged."""
    try:
        for line in read_lines(path, tags=checks.tags):
            found = [*_of_post(line, Path(path).parent, checks), *_id(line, path, ids)]
            yield line, [Finding(str(path), line.number, text, kind) for kind, text in found]
    except DataError as error:
        problem = error.problem
        yield None, [Finding(problem.file, problem.line, problem.message, ProblemKind.RECORD)]


def _of_post(line: Line, home: Path, checks: Checks) -> Iterator[tuple[ProblemKind, str]]:
    post = line.post
    yield from ((ProblemKind.RECORD, fault) for fault in line.faults)
    if not line.faults and not _visible(post.text):
        yield ProblemKind.EMPTY, "the post has no word"
    yield from ((ProblemKind.BOUNDARY, text) for text in _boundaries(post))
    yield from ((ProblemKind.REPEAT, text) for text in _repeats(post))
    yield from ((ProblemKind.GRID, text) for text in _lost(post))
    yield from ((ProblemKind.IMAGE, text) for text in _image(post, home, checks))
    yield from ((ProblemKind.BOX, text) for text in _boxes(post.scene_graph))
    yield from ((ProblemKind.LENGTH, text) for text in _length(post, checks))


def _id(line: Line, path: str | Path, ids: dict[str, str]) -> Iterator[tuple[ProblemKind, str]]:
    name = line.post.id
    if name is None:
        return
    here = f"{path}:{line.number}"
    first = ids.setdefault(name, here)
    if first != here:
        file, _, number = first.rpartition(":")
        where = f"on line {number}" if file == str(path) else f"in {first}"
        yield ProblemKind.ID, f"id {short_repr(name)} is already {where}"


def _visible(text: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in text)


def _boundaries(post: Post) -> Iterator[str]:
    entities = post.all_entities()
    if not entities:
        return
    words = post_words(post)
    for entity in entities:
        if words.mention(entity) is None:
            yield f"{_named(entity)}, begins or ends inside a word; {_nearby(entity, words)}"


def _named(entity: Entity) -> str:
    return f"entity {short_repr(entity.text)}, characters {entity.start} to {entity.end}"


def _nearby(entity: Entity, words: Words) -> str:
    cut = words.within(entity.start, entity.end)
    ends = [
        f"{short_repr(words.words[index])} ({words.spans[index][0]} to {words.spans[index][1]})"
        for index in dict.fromkeys([*cut[:1], *cut[-1:]])
    ]
    return f"the words there are {' ... '.join(ends)}" if ends else "there are only spaces"


def _repeats(post: Post) -> Iterator[str]:
    first = {quintuple: index for index, quintuple in reversed([*enumerate(post.quintuples)])}
    for index, quintuple in enumerate(post.quintuples):
        if first[quintuple] != index:
            yield (
                f"a quintuple is given twice: {short_repr(quintuple.head.text)} "
                f"{quintuple.relation} {short_repr(quintuple.tail.text)}"
            )


def _lost(post: Post) -> Iterator[str]:
    """Yield entities and quintuples that the directed word-pair grid cannot represent."""
    if len(post.entities) + 2 * len(post.quintuples) < 2:
        return
    words = post_words(post)
    links = [link for each in post.quintuples if (link := words.link(each)) is not None]
    mentions = [found for each in post.entities if (found := words.mention(each)) is not None]
    for lost in hold(links, mentions, symmetric=False)[1]:
        if isinstance(lost.item, Link):
            each = words.quintuple(lost.item)
            head, tail = short_repr(each.head.text), short_repr(each.tail.text)
            name = f"quintuple {head} {each.relation} {tail}"
        else:
            name = f"{_named(words.entity(lost.item))}, type {lost.item.type},"
        yield f"{name} does not fit the word-pair grid: {lost.reason.value}"


def _image(post: Post, home: Path, checks: Checks) -> Iterator[str]:
    if post.image is None:
        return
    try:
        path = resolve_inside(home if checks.images is None else checks.images, post.image)
        if checks.images is None:
            return
        if not path.is_file():
            yield f"image {post.image}: no such file in {checks.images}"
        elif path.stat().st_size == 0:
            yield f"image {post.image}: is empty"
        elif checks.picture is not None and (fault := checks.picture(post.image)) is not None:
            yield f"image {fault}"
    except (ValueError, OSError) as error:
        yield f"image {error}"
    except RuntimeError:  # Python before 3.13 says so of links
        yield f"image {post.image}: circular links"


def _boxes(graph: SceneGraph | None) -> Iterator[str]:
    if graph is None:
        return
    width, height = graph.size or (FARTHEST, FARTHEST)
    for index, thing in enumerate(graph.objects):
        if thing.box is None:
            continue
        x0, y0, x1, y1 = thing.box
        # Detectors round: a pixel over the edge is no fault.
        if min(x0, y0) < -1 or x1 > width + 1 or y1 > height + 1:
            yield (
                f"scene_graph: objects[{index}]: box {short_repr(list(thing.box))} is out of "
                f"range: expected corners from 0 to {width:g} and from 0 to {height:g}"
            )


def _length(post: Post, checks: Checks) -> Iterator[str]:
    if checks.pieces is not None:
        count = checks.pieces(post_words(post).words)
        if count > checks.longest:
            yield f"the post has {count} word pieces, but the model takes {checks.longest} at once"
