"""What the commands of ``jmere data convert`` and ``jmere data export`` share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated, Protocol, runtime_checkable

import typer

from jmere.data.jsonl import write_posts
from jmere.data.transforms import of_known_labels, read_captions, with_captions
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
    list[Path] | None,
    typer.Option(help="File of lines 'IMAGE :CAPTION', used as alternative texts."),
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
    captions: list[Path] | None = None,
    tags: Path | None = None,
    *,
    names: Path | None = None,
    skip_bad: bool,
    folder: bool = False,
) -> None:
    """Write the posts that ``read`` yields, and report what was dropped."""
    check_inputs(*([] if folder else [source]), *(captions or ()))
    keep_apart({"DST": target}, [source, *(captions or ()), tags, names])
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
    if captions:
        posts = with_captions(posts, _captions(captions, tally, tell), tally=tally)
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


def _captions(paths: list[Path], tally: Counter[str], tell: OnProblem) -> dict[str, str]:
    known: dict[str, str] = {}
    for path in paths:
        known.update(read_captions(path, tally=tally, on_problem=tell))
    return known


def many(count: int, thing: str) -> str:
    """Return a number of things in words."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
