"""``jmere train``: train a model from a run file."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Annotated

import typer

from jmere.cli.noise import set_verbosity
from jmere.errors import require
from jmere.files.outputs import keep_apart
from jmere.terminal import echo, log_plainly


def train(
    config: Annotated[
        Path, typer.Argument(help="Run file (YAML), or the name of one that comes with jmere.")
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Override a value: key=value, such as training.epochs=3."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            help="Continue after the run's last checkpoint. training.epochs and training.patience "
            "may change; the learning rate is then that of the new number of epochs at the step "
            "reached, so a linear schedule that had fallen to 0 begins higher again."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the dev scores as JSON.")] = False,
) -> None:
    """Train a model, select the best epoch on dev, and save it as a model folder."""
    require("accelerate", "train", "training")
    from jmere.evaluation.tables import scores_text, scores_to_json
    from jmere.files.packaged import find_config
    from jmere.training.claim import MODEL
    from jmere.training.finite import DivergedError
    from jmere.training.logs import LOG
    from jmere.training.run import train
    from jmere.training.run_config import RunConfig
    from jmere.training.run_file import load_run, run_chain, run_faults, with_settings
    from jmere.training.team import team

    if not team().is_main_process:
        set_verbosity(-1)  # of several processes one tells
    log_plainly(logging.WARNING)
    logging.getLogger("jmere").setLevel(logging.INFO)
    config = find_config(config, "runs")
    values = with_settings(load_run(config), settings or [])
    with run_faults(config, settings or []):
        run = RunConfig.parse(values)
    written = {f"output: {name}": Path(run.output) / name for name in (MODEL, LOG)}
    keep_apart(written, [file for file, _ in run_chain(config)])
    try:
        scores = train(run, resume=resume)
    except DivergedError as error:
        if team().is_main_process:
            echo(f"jmere: {error}", err=True)
        raise typer.Exit(1) from None
    if not team().is_main_process:
        return
    echo(json.dumps(scores_to_json(scores)) if as_json else scores_text(scores))
    echo(f"model: {Path(run.output) / MODEL}", err=True)
