"""``jmere weights``: list, download and locate detector weights."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from jmere.pretrained.detectors import fetch_weights, find_weights, registry
from jmere.terminal import echo

app = typer.Typer(help="List, download and locate detector weights.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name from 'jmere weights list'.")]


@app.command("list")
def list_weights(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the known weights and where they are stored."""
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
        Path | None, typer.Option(metavar="DIR", help="Target folder; default: the cache.")
    ] = None,
) -> None:
    """Download weights, unless they are present, and print their path."""
    echo(find_weights(name) if to is None else fetch_weights(name, to))


@app.command()
def path(name: Name) -> None:
    """Print the path of weights, or exit with 2; nothing is downloaded."""
    echo(find_weights(name, fetch=False))


def _where(name: str) -> dict[str, str | None]:
    try:
        return {"path": str(find_weights(name, fetch=False)), "problem": None}
    except FileNotFoundError:
        return {"path": None, "problem": None}
    except ValueError as error:
        return {"path": None, "problem": str(error)}
