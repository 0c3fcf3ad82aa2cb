"""What the commands of ``jmere data convert`` and ``jmere data export`` share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated, Protocol, runtime_checkable

import typer

from jmere.data.descriptions import CaptionFile, read_descriptions
from jmere.data.jsonl import write_posts
from jmere.data.transforms import of_known_labels, with_captions
from jmere.errors import OnProblem, Problem, refuse
from jmere.files.inputs import check_inputs
from jmere.files.outputs import keep_apart
from jmere.records import Post
from jmere.tags import TagSet
from jmere.terminal import echo

Source = Annotated[Path, typer.Argument(metavar="SRC", help="Input file.")]
Target = Annotated[Path, typer.Argument(metavar="DST", help="Output file (.jsonl).")]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Report bad records, skip them, and continue.")
]
Captions = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE[:KEY]",
        help="Descriptions of images, used as alternative texts: lines 'IMAGE :CAPTION', or a "
        ".jsonl file of objects with 'image' and captions, of which KEY reads one. Several files, "
        "or a .jsonl file without KEY, give a post several descriptions.",
    ),
]
Known = Annotated[
    Path | None,
    typer.Option(
        "--tags", help="Tag set file or 'default'; posts with other labels are bad records."
    ),
]


@runtime_checkable
class PostReading(Protocol):
    """Reading of posts from another form."""

    def __call__(self, *, tally: Counter[str], on_problem: OnProblem) -> Iterator[Post]:
        """Yield the posts; count what is dropped and report every problem."""


def convert_posts(
    read: PostReading,
    source: Path,
    target: Path,
    captions: list[str] | None = None,
    tags: Path | None = None,
    *,
    names: Path | None = None,
    skip_bad: bool,
    folder: bool = False,
) -> None:
    """Write the posts that ``read`` yields, and report what was dropped."""
    described = [CaptionFile.parse(each) for each in captions or ()]
    files = list(dict.fromkeys(each.path for each in described))
    check_inputs(*([] if folder else [source]), *files)
    keep_apart({"DST": target}, [source, *files, tags, names])
    reported: list[Problem] = []

    def tell(problem: Problem) -> None:
        if not skip_bad:
            refuse(problem)
        reported.append(problem)
        echo(f"jmere: {problem}", err=True)

    tally: Counter[str] = Counter()
    posts = read(tally=tally, on_problem=tell)
    if tags is not None:
        posts = of_known_labels(posts, TagSet.load(tags), on_problem=tell)
    if described:
        known = read_descriptions(described, tally=tally, on_problem=tell)
        posts = with_captions(posts, known, tally=tally)
    posts = iter(posts)
    first = next(posts, None)
    if first is not None:
        written = write_posts(target, chain([first], posts))
    for what, count in tally.items():
        typer.echo(f"{source}: {count} {what}", err=True)
    if first is None:
        typer.echo(f"jmere: {source}: no posts to convert; {target} was not written", err=True)
        raise typer.Exit(1)
    left_out = f" (bad records skipped, {many(len(reported), 'problem')})" if reported else ""
    echo(f"{target}: {many(written, 'post')}{left_out}", err=True)


def many(count: int, thing: str) -> str:
    """Return a number of things in words."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
