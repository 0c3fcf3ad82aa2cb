"""``jmere bench vrd``: predicate detection against annotated pictures."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jmere.cli.bench_visible import visible
from jmere.errors import require
from jmere.terminal import echo, json_line, log_plainly

if TYPE_CHECKING:
    from jmere.bench.paper import Table


def vrd(
    file: Annotated[Path, typer.Argument(help="Annotated relations in VRD format.")],
    weights: Annotated[
        Path | None, typer.Option(help="Classifier folder; default: the bundled one.")
    ] = None,
    unbiased: Annotated[
        bool, typer.Option(help="Use the pair's own evidence, without frequency bias.")
    ] = False,
    prior: Annotated[bool, typer.Option(help="Whether to use the frequency prior.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure predicate detection (recall at K) on annotated images.

    Boxes and labels are given. All ordered pairs of an image's boxes are candidates, with one
    predicate each. Zero-shot relations are label triples that do not occur in training.
    """
    from jmere.terminal import aligned, progress
    from jmere.training.relations.ranking import Ranker, Scoring, seen_triples
    from jmere.training.relations.recall import DEPTHS, measure_recall
    from jmere.training.relations.vrd import read_vrd
    from jmere.vision.relate.classifier import Classifier

    annotations = read_vrd(file)
    classifier = Classifier.load(weights)
    scoring: Scoring = "unbiased" if unbiased else "full" if prior else "no-prior"
    found = measure_recall(
        annotations,
        Ranker(classifier, annotations, scoring=scoring),
        seen=seen_triples(classifier),
        pictures=progress(annotations.pictures, "pictures"),
    )
    if as_json:
        echo(json.dumps(found.to_json()))
        return
    parts = {"all": found.all, "zero-shot": found.zero_shot}
    rows = [
        (name, *(f"{100 * part.at[depth]:.2f}" for depth in DEPTHS), str(part.count))
        for name, part in parts.items()
    ]
    rows.append(("mean of predicates", *(f"{100 * found.mean[depth]:.2f}" for depth in DEPTHS), ""))
    echo(aligned(("", *(f"recall@{depth}" for depth in DEPTHS), "relations"), rows))


app = typer.Typer(add_completion=False, no_args_is_help=True)

TABLES = {
    "table1": "Table 1: EEGA, six models in word-pair form, five pipelines, and text alone.",
    "table2": "Table 2: Ablations of EEGA.",
    "figure9": "Figure 9: EEGA with alpha and lambda from 0 to 1, as a plot.",
}

CONFIG = Path("table1")
"""Run file of the paper's tables, which comes with the package."""

SEEDS, QUICK_SEEDS = [19, 20, 21], [19]

FAILED = 1
"""Exit code if a run failed; the results of the other runs are printed."""


@app.callback()
def _bench() -> None:
    """Run the paper's tables; finished runs are reused, interrupted runs resumed."""


ConfigOption = Annotated[
    Path, typer.Option(help="Base run file of all rows: a path, or the name of a packaged one.")
]

TrainOption = Annotated[
    list[str] | None, typer.Option(help="Training posts, instead of the run file's.")
]

DevOption = Annotated[str | None, typer.Option(help="Dev posts, instead of the run file's.")]

SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="Override a value in all rows: key=value.")
]

SeedOption = Annotated[
    list[int] | None, typer.Option(help="Seeds, one run each per row; default: 19, 20, 21.")
]

RowOption = Annotated[
    list[str] | None, typer.Option(help="Run only this row (name of its run folder).")
]

ProcessesOption = Annotated[
    int | None, typer.Option(min=1, help="Number of parallel runs; default: one per core.")
]

OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Output folder of the runs and the table.")
]

FinishedOption = Annotated[
    bool, typer.Option("--finished", help="Show finished runs only; do not run anything.")
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _add(name: str, about: str) -> None:
    """Register the command of one table; all tables take the same options."""

    @app.command(name, help=about)
    def command(
        config: ConfigOption = CONFIG,
        train: TrainOption = None,
        dev: DevOption = None,
        settings: SetOption = None,
        seed: SeedOption = None,
        row: RowOption = None,
        processes: ProcessesOption = None,
        output: OutputOption = None,
        quick: Annotated[
            bool, typer.Option("--quick", help="Use synthetic posts, a tiny encoder and one seed.")
        ] = False,
        finished: FinishedOption = False,
        as_json: JsonOption = False,
    ) -> None:
        if name == "figure9":
            require("matplotlib", "graph", "drawing figure 9")
        from jmere.bench.paper import TABLES

        folder = output or Path("runs/quick" if quick else "runs/bench")
        _run(
            TABLES[name],
            _base(config, folder if quick else None, train, dev, settings),
            rows=row,
            seeds=seed or (QUICK_SEEDS if quick else SEEDS),
            output=folder,
            processes=0 if finished else processes,
            as_json=as_json,
        )


@app.command()
def compare(
    rows: Annotated[
        Path,
        typer.Argument(
            help="File of rows, each a change to the run file; or a packaged one's name."
        ),
    ],
    train: TrainOption = None,
    dev: DevOption = None,
    settings: SetOption = None,
    seed: SeedOption = None,
    row: RowOption = None,
    processes: ProcessesOption = None,
    output: OutputOption = None,
    finished: FinishedOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run a comparison from a file of rows, each a change to the run file."""
    from jmere.bench.comparison import read_comparison
    from jmere.files.packaged import find_config

    table, config = read_comparison(find_config(rows, "compare"))
    _run(
        table,
        _base(config, None, train, dev, settings),
        rows=row,
        seeds=seed or SEEDS,
        output=output or Path("runs") / table.name,
        processes=0 if finished else processes,
        as_json=as_json,
    )


def _run(
    table: Table,
    base: dict[str, Any],
    *,
    rows: list[str] | None,
    seeds: list[int],
    output: Path,
    processes: int | None,
    as_json: bool,
) -> None:
    """Run a table, print it, and report failures."""
    if processes != 0:
        require("accelerate", "train", "training")
    from jmere.bench import render
    from jmere.bench.table import run_table

    log_plainly(logging.WARNING)
    logging.getLogger("jmere.bench").setLevel(logging.INFO)
    result, problems = run_table(
        table, base, rows=rows or [], seeds=seeds, output=output, processes=processes
    )
    echo(
        json_line(render.table_to_json(table, result))
        if as_json
        else render.table_text(table, result)
    )
    for problem in problems:
        echo(f"jmere: {problem}", err=True)
    if problems:
        raise typer.Exit(FAILED)


def _base(
    config: Path,
    quick: Path | None,
    train: list[str] | None,
    dev: str | None,
    settings: list[str] | None,
) -> dict[str, Any]:
    """Return the base config of all rows; ``quick`` is the folder for a tiny dataset."""
    from jmere.files.packaged import find_config
    from jmere.training.run_file import load_run, with_settings

    if quick is None:
        values = load_run(find_config(config, "runs"))
    else:
        from jmere.bench.worlds.tiny import quick_world

        values = quick_world(quick / "world")
    files = {"data.train": train, "data.dev": dev}
    given = [f"{key}={json.dumps(value)}" for key, value in files.items() if value]
    return with_settings(values, [*given, *(settings or [])])


for _name, _about in TABLES.items():
    _add(_name, _about)

app.command()(vrd)
app.command()(visible)
