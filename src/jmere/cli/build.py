"""``jmere build``: how the bundled parts, and the controlled world's figures, are made."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from jmere.cli.lazy import LazyGroup
from jmere.errors import require
from jmere.terminal import log_plainly

BUILDS = {
    "encoder": ("jmere.cli.build:encoder", "Adapt a text encoder to posts."),
    "parser": ("jmere.training.parser.treebank:app", "Train or evaluate the dependency parser."),
    "relations": (
        "jmere.training.relations.train_relations:build_relations",
        "Train the classifier of relations in pictures.",
    ),
    "visible": (
        "jmere.training.visible.train_visible:build_visible",
        "Train the heads that say which entities a picture shows.",
    ),
    "names": (
        "jmere.training.names.train_names:build_names",
        "Train the head that labels all names of a post.",
    ),
    "world": ("jmere.bench.worlds.command:run", "Train models in the controlled world."),
}
"""Where each command is, and what it does."""


class _Builds(LazyGroup):
    table = BUILDS


app = typer.Typer(cls=_Builds, add_completion=False, no_args_is_help=True)


@app.callback()
def _build() -> None:
    """Make the bundled parts anew: the encoder, the parser and the relations of pictures."""


def encoder(
    config: Annotated[Path, typer.Argument(help="YAML file of an adaptation.")],
    changes: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help="Values to change.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Change a value: key=value.")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Continue after the last checkpoint.")] = False,
) -> None:
    """Adapt a text encoder to posts: it learns masked words, and to tag entities.

    The result is an encoder's folder, which ``encoder`` of a run file may name. Checkpoints of
    a run that is not finished are in OUTPUT.part.
    """
    require("accelerate", "train", "training")
    from jmere.config import override, parse_config
    from jmere.training.encoder.adapt import adapt
    from jmere.training.encoder.adapt_config import AdaptConfig
    from jmere.training.run_file import load_run

    log_plainly(logging.INFO, form="%(asctime)s %(message)s")
    values = override(load_run(config), [*(changes or ()), *(settings or ())])
    adapt(parse_config(AdaptConfig, values), resume=resume)
