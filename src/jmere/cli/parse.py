"""``jmere parse``: parse a text into a dependency graph."""

from __future__ import annotations

from typing import Annotated

import typer

from jmere.cli import option_checks as checks
from jmere.terminal import echo, json_line


def parse(
    text: Annotated[str, typer.Argument(help="Text to parse.", callback=checks.text)],
    parser: Annotated[
        str | None, typer.Option(help="spaCy model; default: the bundled parser.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Print the words of a text, their parts of speech and their dependencies."""
    from jmere.text.dependency import graph_to_json, render
    from jmere.text.parser import Parser
    from jmere.text.words import split

    graph = Parser.load(parser).parse([split(text)])[0]
    echo(json_line(graph_to_json(graph)) if as_json else render(graph))
