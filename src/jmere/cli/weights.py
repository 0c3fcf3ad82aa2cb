"""``jmere weights``: the weights of detectors, where they are and how to get them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from jmere.pretrained.detectors import fetch_weights, find_weights, registry
from jmere.terminal import echo

app = typer.Typer(help="Weights of detectors: which there are, and where.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="A name that 'list' shows.")]


@app.command("list")
def list_weights(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Print the weights that are known, and where they are."""
    found = [{**asdict(weights), **_where(name)} for name, weights in registry().items()]
    if as_json:
        echo(json.dumps(found))
        return
    for each in found:
        size = f"{each['size'] / 1e6:.1f} MB"
        where = each["path"] or each["problem"] or "not here"
        echo(f"{each['name']}: {each['what']}; {size}, {each['licence']}\n  {where}")


@app.command()
def fetch(
    name: Name,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder to put them in; by default a cache.")
    ] = None,
) -> None:
    """Fetch weights, unless they are there already, and print their path."""
    echo(find_weights(name) if to is None else fetch_weights(name, to))


@app.command()
def path(name: Name) -> None:
    """Print the path of weights, or exit with 2; nothing is fetched."""
    echo(find_weights(name, fetch=False))


def _where(name: str) -> dict[str, str | None]:
    try:
        return {"path": str(find_weights(name, fetch=False)), "problem": None}
    except FileNotFoundError:
        return {"path": None, "problem": None}
    except ValueError as error:
        return {"path": None, "problem": str(error)}
