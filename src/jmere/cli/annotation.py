"""``jmere data convert|export`` for annotation tools: Label Studio, doccano, brat, CoNLL files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from jmere.cli.conversion import Captions, Known, SkipBad, Source, Target, convert_posts, many
from jmere.data.annotation.bio_export import write_conll
from jmere.data.annotation.brat import read_brat, write_brat
from jmere.data.annotation.doccano import Unit, read_doccano, write_doccano
from jmere.data.annotation.labelstudio import (
    Role,
    config_path,
    read_labelstudio,
    write_labelstudio,
)
from jmere.data.annotation.marked_file import read_marked
from jmere.data.readers.conll import parse_types
from jmere.files.inputs import check_inputs
from jmere.files.outputs import keep_apart
from jmere.records import Extraction, Post
from jmere.tags import TagSet
from jmere.terminal import echo

Marked = Iterator[Post | Extraction]
Gold = Annotated[Path, typer.Argument(metavar="SRC", help="Posts or predictions (.jsonl).")]
Output = Annotated[Path, typer.Argument(metavar="DST", help="Output file.")]
Folder = Annotated[Path, typer.Argument(metavar="DST", help="Output folder.")]
Labels = Annotated[
    Path | None,
    typer.Option("--tags", help="Tag set file or 'default', to offer all its labels."),
]
Offsets = Annotated[
    Unit, typer.Option(help="Unit of offsets; the browser part of doccano counts UTF-16 units.")
]


def register(convert: typer.Typer, export: typer.Typer) -> None:
    """Add the commands to the groups ``convert`` and ``export``."""
    convert.command("labelstudio")(convert_labelstudio)
    convert.command("doccano")(convert_doccano)
    convert.command("brat")(convert_brat)
    export.command("labelstudio")(export_labelstudio)
    export.command("doccano")(export_doccano)
    export.command("brat")(export_brat)
    export.command("conll")(export_conll)


def convert_labelstudio(
    source: Source,
    target: Target,
    predictions: Annotated[
        bool, typer.Option("--predictions", help="Read predictions of tasks without annotation.")
    ] = False,
    captions: Captions = None,
    tags: Known = None,
    skip_bad: SkipBad = False,
) -> None:
    """Convert tasks exported from Label Studio (JSON)."""
    read = partial(read_labelstudio, source, predictions=predictions)
    convert_posts(read, source, target, captions, tags, skip_bad=skip_bad)


def convert_doccano(
    source: Source,
    target: Target,
    offsets: Offsets = Unit.UTF16,
    captions: Captions = None,
    tags: Known = None,
    skip_bad: SkipBad = False,
) -> None:
    """Convert examples exported from doccano (JSONL, with relations)."""
    read = partial(read_doccano, source, unit=offsets)
    convert_posts(read, source, target, captions, tags, skip_bad=skip_bad)


def convert_brat(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="Folder of brat documents.")],
    target: Target,
    captions: Captions = None,
    tags: Known = None,
    skip_bad: SkipBad = False,
) -> None:
    """Convert a folder of brat documents (.txt with .ann)."""
    read = partial(read_brat, source)
    convert_posts(read, source, target, captions, tags, skip_bad=skip_bad, folder=True)


def export_labelstudio(
    source: Gold,
    target: Output,
    role: Annotated[
        Role,
        typer.Option("--as", help="Write annotations, or predictions to start annotating from."),
    ] = Role.AUTO,
    config: Annotated[
        Path | None, typer.Option(help="Labelling configuration to write; default: DST as .xml.")
    ] = None,
    model_version: Annotated[str, typer.Option(help="Name of the predicting model.")] = "jmere",
    image_prefix: Annotated[
        str | None,
        typer.Option(help="URL before the image paths, such as '/data/local-files/?d=photos/'."),
    ] = None,
    tags: Labels = None,
) -> None:
    """Write tasks to import into Label Studio, and the project's labelling configuration."""
    where = config_path(target) if config is None else config
    known = _known(tags)

    def write(posts: Marked, tally: Counter[str]) -> int:
        return write_labelstudio(
            target,
            posts,
            config=where,
            model_version=model_version,
            image_prefix=image_prefix,
            types=known.entity_types if known else (),
            relations=known.relations if known else (),
            tally=tally,
        )

    export_records(write, source, target, role=role, outputs={"--config": where}, inputs=[tags])
    echo(f"{where}: labelling configuration", err=True)


def export_doccano(source: Gold, target: Output, offsets: Offsets = Unit.UTF16) -> None:
    """Write JSONL to import into a doccano project for sequence labelling with relations."""

    def write(posts: Marked, tally: Counter[str]) -> int:
        return write_doccano(target, posts, unit=offsets, tally=tally)

    export_records(write, source, target)


def export_brat(source: Gold, target: Folder, tags: Labels = None) -> None:
    """Write a folder of brat documents with its configuration."""
    known = _known(tags)

    def write(posts: Marked, tally: Counter[str]) -> int:
        return write_brat(
            target,
            posts,
            types=known.entity_types if known else (),
            relations=known.relations if known else (),
            tally=tally,
        )

    export_records(write, source, target, inputs=[tags])


def export_conll(
    source: Gold,
    target: Output,
    types: Annotated[
        str | None, typer.Option(metavar="MAP", help="Names of types in the file: per=PER,...")
    ] = None,
) -> None:
    """Write the entities as a CoNLL file: IMGID: lines, then one word and its BIO label per line.

    Relations and the inner of nested entities have no place in such a file.
    """
    names = parse_types(types) if types is not None else {}

    def write(posts: Marked, tally: Counter[str]) -> int:
        return write_conll(target, posts, types=names, tally=tally)

    export_records(write, source, target)


def _known(tags: Path | None) -> TagSet | None:
    return None if tags is None else TagSet.load(tags)


def export_records(
    write: Callable[[Marked, Counter[str]], int],
    source: Path,
    target: Path,
    *,
    role: Role = Role.AUTO,
    outputs: dict[str, Path] | None = None,
    inputs: list[Path | None] | None = None,
    unit: str = "post",
) -> None:
    """Write the records of a file by ``write``, and report what was left out."""
    check_inputs(source)
    keep_apart({"DST": target, **(outputs or {})}, [source, *(inputs or [])])
    posts = read_marked(source, role=role)
    first = next(posts, None)
    if first is None:
        echo(f"jmere: {source}: no posts to export; {target} was not written", err=True)
        raise typer.Exit(1)
    tally: Counter[str] = Counter()
    count = write(chain([first], posts), tally)
    for what, number in tally.items():
        echo(f"{source}: {number} {what}", err=True)
    echo(f"{target}: {many(count, unit)}", err=True)
