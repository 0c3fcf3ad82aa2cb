"""``jmere data``: convert datasets to posts, count their content, and check them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jmere.cli import annotation, table_commands
from jmere.cli.conversion import Captions, Known, SkipBad, Source, Target, convert_posts, many
from jmere.data.jsonl import read_posts
from jmere.data.readers.conll import TWITTER_TYPES, parse_types, read_conll
from jmere.data.readers.jmere import read_release
from jmere.data.readers.mnre import read_mnre
from jmere.data.transforms import read_names, renamed
from jmere.errors import OnProblem
from jmere.files.inputs import check_inputs
from jmere.records import Post
from jmere.tags import TagSet
from jmere.terminal import echo, json_line

if TYPE_CHECKING:
    from jmere.data.validate import Checks

app = typer.Typer(help="Convert, count and check files of posts.")
convert = typer.Typer(help="Convert a dataset file to JSON Lines of posts.")
app.add_typer(convert, name="convert")
export = typer.Typer(help="Export posts or predictions to annotation tools and tables.")
app.add_typer(export, name="export")
annotation.register(convert, export)
table_commands.register(convert, export)


class Merge(str, Enum):
    """Rule for which MNRE lines form one post."""

    V1 = "v1"
    V2 = "v2"


class Stray(str, Enum):
    """Handling of I- labels that continue no entity."""

    START = "start"
    DROP = "drop"


Posts = Annotated[Path, typer.Argument(metavar="FILE", help="Posts (.jsonl).")]
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

    def read(*, tally: Counter[str], on_problem: OnProblem) -> Iterator[Post]:
        called = read_names(names) if names is not None else {}
        posts = read_mnre(
            source, merge=merge.value, unrelated=unrelated, tally=tally, on_problem=on_problem
        )
        return renamed(posts, called, tally=tally) if called else posts

    convert_posts(read, source, target, captions, tags, names=names, skip_bad=skip_bad)


@convert.command("jmere")
def convert_jmere(
    source: Source,
    target: Target,
    captions: Captions = None,
    tags: Known = None,
    skip_bad: SkipBad = False,
) -> None:
    """Convert the JSON of the authors' JMERE release."""
    read = partial(read_release, source)
    convert_posts(read, source, target, captions, tags, skip_bad=skip_bad)


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
    file = Path(types) if types is not None and "=" not in types else None

    def read(*, tally: Counter[str], on_problem: OnProblem) -> Iterator[Post]:
        called = {**TWITTER_TYPES, **(_types(types) if types is not None else {})}
        return read_conll(
            source, stray=stray.value, types=called, tally=tally, on_problem=on_problem
        )

    convert_posts(read, source, target, captions, tags, names=file, skip_bad=skip_bad)


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
        echo("\n".join([*map(str, found), f"{file}: {many(len(found), 'problem')}"]))
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
    echo(f"{file}: {many(len(both), 'post')} also in {other}", err=True)


def _types(given: str) -> dict[str, str]:
    return parse_types(given) if "=" in given else read_names(given)
