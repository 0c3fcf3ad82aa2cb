"""``jmere init``: a folder with a tag set file and a run file, to train on labels of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jmere.terminal import echo


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")],
    posts: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Annotated posts (.jsonl) to take the labels from and to split."
        ),
    ] = None,
) -> None:
    """Write a tag set file and a run file, and split annotated posts into train and dev."""
    from jmere.training.starter import start_folder

    started = start_folder(folder, posts)
    for path in started.files:
        echo(path)
    run = started.files[1]
    if posts is None:
        echo(f"next: put your labels and posts in {folder}, then: jmere train {run}", err=True)
    else:
        echo(f"{started.train} posts to train on, {started.dev} for dev", err=True)
        echo(f"next: jmere train {run}", err=True)
