"""``jmere extract``: posts in, quintuples out, for one post or a million."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import indent
from typing import Annotated, Any, TextIO

import typer

from jmere.cli.options import (
    DetectorOption,
    DeviceOption,
    FeaturesOption,
    ImagesOption,
    ScenesOption,
    WeightsOption,
    graphs_of,
)
from jmere.files import DataError, Problem, inside
from jmere.progress import progress
from jmere.records import Extraction, Post
from jmere.terminal import echo, json_line, plain, plain_line


def extract(
    posts: Annotated[Path | None, typer.Argument(help="Posts as JSON Lines.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; stdout if absent.")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="The text of one post, in place of a file.")
    ] = None,
    image: Annotated[Path | None, typer.Option(help="The picture of that post.")] = None,
    alt_text: Annotated[str | None, typer.Option(help="What that picture shows.")] = None,
    overlay: Annotated[
        Path | None, typer.Option(help="Draw what was found in that picture: PNG or JPEG.")
    ] = None,
    images: ImagesOption = None,
    detector: DetectorOption = "yolox",
    weights: WeightsOption = None,
    scenes: ScenesOption = None,
    features: FeaturesOption = None,
    model: Annotated[
        str, typer.Option("--model", "-m", help="Model folder, hub id or 'default'.")
    ] = "default",
    batch_size: Annotated[int, typer.Option(help="Posts computed together.")] = 64,
    min_score: Annotated[float, typer.Option(help="Leave out less sure quintuples.")] = 0.0,
    precision: Annotated[
        float | None,
        typer.Option(help="Leave out so many that this share was right on the model's dev posts."),
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on where OUTPUT ends.")] = False,
    strict: Annotated[bool, typer.Option(help="Stop at the first bad line.")] = False,
    device: DeviceOption = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Extract quintuples from a file of posts, or from one post given by --text."""
    if (posts is None) == (text is None):
        raise ValueError("give either a file of posts or --text")
    if resume and output is None:
        raise ValueError("--resume needs --output, the file to go on with")
    if posts is not None and not posts.is_file():
        raise FileNotFoundError(f"{posts}: no such file of posts")
    if image is not None and not image.is_file():
        raise FileNotFoundError(f"{image}: no such picture")
    if overlay is not None and image is None:
        raise ValueError("--overlay needs --image, the picture to draw on")
    from jmere.extract import Extractor
    from jmere.vision.pixels import VisionConfig

    # Of a file of posts, only pictures in the folder that the user names are opened.
    looks = image is not None or images is not None
    extractor = Extractor.from_pretrained(
        model,
        device=device,
        scenes=graphs_of(scenes, features),
        images=images if text is None else None,
        vision=VisionConfig(detector=detector, weights=weights) if looks else None,
    )
    if precision is not None:
        min_score = max(min_score, extractor.tagger.least_score(precision))
    if text is not None:
        post = Post(text=text, id="post", image=image, alt_text=alt_text)
        found = _sure(extractor.extract(post), min_score)
        for warning in found.warnings:
            echo(f"jmere: {warning}", err=True)
        if overlay is not None:
            _draw(overlay, image, found)
        echo(_line(found) if as_json else _table(found))
        return
    show = _line if as_json or output is not None else _paragraph
    assert posts is not None
    tally = _Tally(looks=looks)
    done = _Done.read(output) if resume and output is not None else _Done()
    todo = done.rest(_posts(posts, images, tally, strict=strict))
    results = tally.watch(extractor.stream(todo, batch_size=batch_size))
    written = _write((show(_sure(each, min_score)) for each in results), output, resume=resume)
    echo(f"{written} posts{tally}", err=True)


@dataclass
class _Tally:
    """What is told of a run at its end."""

    looks: bool
    """Whether pictures are looked at."""
    bad: int = 0
    unread: int = 0
    warned: int = 0
    first: str = ""
    """The first warning; each is in the line of its post."""

    def watch(self, results: Iterable[Extraction]) -> Iterator[Extraction]:
        """The same results, counted as they pass."""
        for found in results:
            if found.warnings:
                self.first = self.first or f"post {found.id!r}: {found.warnings[0]}"
                self.warned += 1
            if not self.looks and found.image is not None and not found.scene_graph.objects:
                self.unread += 1
            yield found

    def __str__(self) -> str:
        parts = {
            f"{self.bad} bad lines skipped": self.bad,
            f"{self.unread} pictures not looked at: give --images": self.unread,
            f"{self.warned} with warnings, the first: {self.first}": self.warned,
        }
        return "".join(f", {text}" for text, count in parts.items() if count)


class _Done:
    """What an earlier run wrote: how many posts, and the last of them."""

    def __init__(self, count: int = 0, last: str | None = None) -> None:
        self.count, self.last = count, last

    @classmethod
    def read(cls, output: Path) -> _Done:
        """Count the whole lines of ``output`` and cut off a last one that was not finished."""
        if not output.exists():
            return cls()
        count, end, last = 0, 0, b""
        with output.open("rb+") as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                count, end, last = count + 1, end + len(line), line
            stream.truncate(end)
        try:
            return cls(count, json.loads(last)["id"] if count else None)
        except (ValueError, KeyError, TypeError):
            raise DataError(
                Problem(str(output), count, "not a result of jmere extract to go on with")
            ) from None

    def rest(self, posts: Iterable[Post]) -> Iterator[Post]:
        """The posts that are still to do."""
        seen = 0
        for seen, post in enumerate(posts, start=1):
            if seen == self.count and post.id != self.last:
                raise ValueError(
                    f"--resume: post {seen} is {post.id!r}, the output has {self.last!r} there; "
                    "is it of another file of posts?"
                )
            if seen > self.count:
                yield post
        if seen < self.count:
            raise ValueError(f"--resume: the output has {self.count} posts, the input only {seen}")


def _posts(path: Path, images: Path | None, tally: _Tally, *, strict: bool) -> Iterator[Post]:
    from jmere.data.jsonl import read_posts

    def tell(problem: Problem) -> None:
        if strict:
            raise DataError(problem)
        tally.bad += 1
        echo(f"jmere: {problem}; skipped", err=True)

    for post in read_posts(path, on_problem=tell):
        if images is not None and post.image is not None:
            try:
                inside(images, post.image)
            except ValueError as error:
                tell(Problem(str(path), None, f"post {post.id!r}: {error}"))
                continue
        yield post


def _write(lines: Iterable[str], output: Path | None, *, resume: bool) -> int:
    """Write each result as soon as it is there, so that a run cut short leaves whole lines."""
    if output is None:
        return _write_lines(lines, None)
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("a" if resume else "w", encoding="utf-8", newline="\n") as stream:
        return _write_lines(lines, stream)


def _write_lines(lines: Iterable[str], stream: TextIO | None) -> int:
    count = 0
    for line in progress(lines, "posts"):
        typer.echo(line, file=stream)
        count += 1
    return count


def _sure(found: Extraction, least: float) -> Extraction:
    sure = tuple(each for each in found.quintuples if (each.score or 0.0) >= least)
    return replace(found, quintuples=sure)


def _line(found: Extraction) -> str:
    from jmere.data.predictions import extraction_to_json

    return json_line(extraction_to_json(found))


def _draw(output: Path, image: Path | None, found: Extraction) -> None:
    from jmere.vision.images import read_picture
    from jmere.vision.overlay import write_overlay

    named = [(each.entity.text, each.object, each.weight) for each in found.groundings]
    write_overlay(output, read_picture(image).pixels, found.scene_graph, grounding=named)


def _table(found: Extraction) -> str:
    from jmere.evaluation.tables import aligned

    rows: list[tuple[Any, ...]] = [
        (q.head.text, q.head.type, q.relation, q.tail.text, q.tail.type, f"{q.score:.2f}")
        for q in found.quintuples
    ]
    if not rows:
        return "no quintuple found"
    return aligned(("head", "type", "relation", "tail", "type", "score"), rows)


def _paragraph(found: Extraction) -> str:
    return f"{plain_line(str(found.id))}: {plain(found.text)}\n{indent(_table(found), '  ')}\n"
