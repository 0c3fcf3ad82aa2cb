"""``jmere export``: models in a form that other engines run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jmere.terminal import echo, json_line

app = typer.Typer(no_args_is_help=True, help="Write a model that runs without torch.")


@app.callback()
def _group() -> None:
    """Write a model that runs without torch."""


@app.command()
def onnx(
    model: Annotated[str, typer.Argument(help="Model folder, hub id or 'default'.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")],
    int8: Annotated[
        bool, typer.Option("--int8", help="Store and compute large matrices as integers.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write a model folder with a graph for ONNX Runtime, and compare both engines.

    In single precision a difference above 0.0001 on sample posts is an error.
    """
    from jmere.export import export_onnx

    found = export_onnx(model, output, int8=int8)
    if as_json:
        values = {"output": str(output), "int8": int8, "scores": found.scores}
        echo(json_line({**values, "shares": found.shares, "same_tags": found.same_tags}))
        return
    echo(
        f"{output}: the engines differ by at most {found.scores:.2g} in scores and "
        f"{found.shares:.2g} in shares; the best tags of {found.same_tags:.2%} of the word pairs "
        "are the same"
    )
