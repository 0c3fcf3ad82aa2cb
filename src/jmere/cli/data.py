"""``jmere data``: convert datasets to posts, count their content, and check them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from enum import Enum
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jmere.data.jsonl import read_posts, write_posts
from jmere.data.readers.conll import TWITTER_TYPES, parse_types, read_conll
from jmere.data.readers.jmere import read_release
from jmere.data.readers.mnre import read_mnre
from jmere.data.transforms import of_known_labels, read_captions, read_names, renamed, with_captions
from jmere.errors import OnProblem, Problem, refuse
from jmere.files.inputs import check_inputs
from jmere.files.outputs import keep_apart
from jmere.records import Post
from jmere.tags import TagSet
from jmere.terminal import echo, json_line

if TYPE_CHECKING:
    from jmere.data.validate import Checks

app = typer.Typer(help="Convert, count and check files of posts.")
convert = typer.Typer(help="Convert a dataset file to JSON Lines of posts.")
app.add_typer(convert, name="convert")


class Merge(str, Enum):
    """Rule for which MNRE lines form one post."""

    V1 = "v1"
    V2 = "v2"


class Stray(str, Enum):
    """Handling of I- labels that continue no entity."""

    START = "start"
    DROP = "drop"


Source = Annotated[Path, typer.Argument(metavar="SRC", help="Input file.")]
Target = Annotated[Path, typer.Argument(metavar="DST", help="Output file (.jsonl).")]
Posts = Annotated[Path, typer.Argument(metavar="FILE", help="Posts (.jsonl).")]
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
Names = Annotated[
    Path | None,
    typer.Option("--names", help="YAML file that maps relations to new names."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@convert.command("mnre")
def convert_mnre(
    source: Source,
    target: Target,
    merge: Annotated[
        Merge,
        typer.Option(
            help="Merge consecutive lines of one text (v1, as in the paper), or all (v2)."
        ),
    ],
    unrelated: Annotated[
        bool, typer.Option("--unrelated", help="Keep posts without relations (v2 only).")
    ] = False,
    names: Names = None,
    captions: Captions = None,
    tags: Known = None,
    skip_bad: SkipBad = False,
) -> None:
    """Convert MNRE: one record per annotated pair, in JSON Lines or one list."""
    tally: Counter[str] = Counter()

    def read(on_problem: OnProblem) -> Iterator[Post]:
        called = read_names(names) if names is not None else {}
        posts = read_mnre(
            source, merge=merge.value, unrelated=unrelated, tally=tally, on_problem=on_problem
        )
        return renamed(posts, called, tally=tally) if called else posts

    _convert(read, source, target, captions, tags, names=names, tally=tally, skip_bad=skip_bad)


@convert.command("jmere")
def convert_jmere(
    source: Source,
    target: Target,
    captions: Captions = None,
    tags: Known = None,
    skip_bad: SkipBad = False,
) -> None:
    """Convert the JSON of the authors' JMERE release."""
    tally: Counter[str] = Counter()

    def read(on_problem: OnProblem) -> Iterator[Post]:
        return read_release(source, tally=tally, on_problem=on_problem)

    _convert(read, source, target, captions, tags, tally=tally, skip_bad=skip_bad)


@convert.command("conll")
def convert_conll(
    source: Source,
    target: Target,
    stray: Annotated[
        Stray, typer.Option(help="Handling of I- labels that continue no entity.")
    ] = Stray.DROP,
    types: Annotated[
        str | None,
        typer.Option(
            metavar="MAP", help="Names of the types in the tag set: PER=per,... or a YAML file."
        ),
    ] = None,
    captions: Captions = None,
    tags: Known = None,
    skip_bad: SkipBad = False,
) -> None:
    """Convert an MNER file: IMGID: lines, then one word and its label per line.

    Labels are IOB1, BIO, BIOES or BILOU, in the last of the tab- or space-separated columns.
    """
    tally: Counter[str] = Counter()
    file = Path(types) if types is not None and "=" not in types else None

    def read(on_problem: OnProblem) -> Iterator[Post]:
        called = {**TWITTER_TYPES, **(_types(types) if types is not None else {})}
        return read_conll(
            source, stray=stray.value, types=called, tally=tally, on_problem=on_problem
        )

    _convert(read, source, target, captions, tags, names=file, tally=tally, skip_bad=skip_bad)


@app.command()
def stats(file: Posts, as_json: AsJson = False) -> None:
    """Print dataset statistics (Table 3) and annotations that the grid cannot represent."""
    from jmere.data.stats import statistics

    found = statistics(read_posts(file))
    echo(json.dumps(found.to_json()) if as_json else found.to_text())


@app.command()
def validate(
    file: Posts,
    as_json: AsJson = False,
    tags: Annotated[Path, typer.Option(help="Tag set of known entity types and relations.")] = Path(
        "default"
    ),
    images: Annotated[
        Path | None,
        typer.Option(help="Image folder; check that every image exists and can be read."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="Report posts that are too long for this model."),
    ] = None,
) -> None:
    """List every problem of a file of posts; exit with 2 if there is any."""
    from jmere.data.validate import Checks, problems

    checks = Checks(tags=TagSet.load(tags), images=images)
    if images is not None:
        if not images.is_dir():
            raise FileNotFoundError(f"{images}: no such image folder")
        checks = replace(checks, picture=partial(_picture_fault, images))
    if model is not None:
        checks = _with_length(checks, model)
    found = list(problems(file, checks=checks))
    if as_json:
        echo(json.dumps({"problems": [asdict(each) for each in found]}))
    else:
        echo("\n".join([*map(str, found), f"{file}: {_many(len(found), 'problem')}"]))
    if found:
        raise typer.Exit(2)


def _picture_fault(folder: Path, name: str) -> str | None:
    from jmere.vision.images import ImageError, read_picture

    try:
        read_picture(name, folder=folder)
    except ImageError as error:
        return str(error)
    return None


def _with_length(checks: Checks, model: str) -> Checks:
    from jmere.tagger.tagger import Tagger

    prepare = Tagger.from_pretrained(model).prepare

    def pieces(words: Sequence[str]) -> int:
        return len(prepare.pieces.split([words])[0].ids)

    return replace(checks, pieces=pieces, longest=prepare.longest)


@app.command()
def overlap(
    file: Posts,
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="Posts to compare with (.jsonl).")],
    as_json: AsJson = False,
) -> None:
    """List posts of FILE whose text also occurs in OTHER, ignoring case and punctuation."""
    from jmere.data.transforms import overlapping

    check_inputs(file, other)
    both = list(overlapping(read_posts(file), read_posts(other)))
    if as_json:
        pairs = [{"id": post.id, "other": twin.id, "text": post.text} for post, twin in both]
        echo(json_line({"overlap": pairs}))
        return
    for post, twin in both:
        echo(f"{post.id}\t{twin.id}\t{post.text}")
    echo(f"{file}: {_many(len(both), 'post')} also in {other}", err=True)


def _types(given: str) -> dict[str, str]:
    return parse_types(given) if "=" in given else read_names(given)


def _convert(
    read: Callable[[OnProblem], Iterator[Post]],
    source: Path,
    target: Path,
    captions: list[Path] | None,
    tags: Path | None,
    *,
    tally: Counter[str],
    names: Path | None = None,
    skip_bad: bool,
) -> None:
    """Write the posts that ``read`` yields, and report what was dropped."""
    check_inputs(source, *(captions or ()))
    keep_apart({"DST": target}, [source, *(captions or ()), tags, names])
    reported: list[Problem] = []

    def tell(problem: Problem) -> None:
        if not skip_bad:
            refuse(problem)
        reported.append(problem)
        echo(f"jmere: {problem}", err=True)

    posts = read(tell)
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
    left_out = f" (bad records skipped, {_many(len(reported), 'problem')})" if reported else ""
    echo(f"{target}: {_many(written, 'post')}{left_out}", err=True)


def _captions(paths: list[Path], tally: Counter[str], tell: OnProblem) -> dict[str, str]:
    known: dict[str, str] = {}
    for path in paths:
        known.update(read_captions(path, tally=tally, on_problem=tell))
    return known


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
