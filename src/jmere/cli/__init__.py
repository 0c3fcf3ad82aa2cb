"""The command ``jmere``: one line of ``COMMANDS`` per command, each imported when it is run."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, cast

import typer

from jmere import __version__
from jmere.cli.lazy import LazyGroup
from jmere.errors import MissingExtraError
from jmere.terminal import plain_line

COMMANDS = {
    "extract": ("jmere.cli.extract:extract", "Quintuples of posts, or of one text."),
    "data": ("jmere.cli.data:app", "Convert, count and check files of posts."),
    "init": ("jmere.cli.init:init", "Start a folder for labels of your own."),
    "train": ("jmere.cli.train:train", "Train a model as a configuration file says."),
    "evaluate": ("jmere.cli.evaluate:evaluate", "Scores of a model on gold posts."),
    "score": ("jmere.cli.evaluate:score", "Scores of predictions against gold posts."),
    "graph": ("jmere.cli.graph:app", "Build a knowledge graph from quintuples."),
    "weights": ("jmere.cli.weights:app", "The weights of detectors: list, fetch, find."),
    "scene": ("jmere.cli.scene:scene", "Objects and relations of a picture."),
    "bench": ("jmere.cli.bench:app", "The paper's tables and curves, as runs; predicates."),
    "show": ("jmere.cli.show:app", "A post's grid, its alignment, and several models on it."),
    "parse": ("jmere.cli.parse:parse", "The textual graph of a text."),
}
"""Where each command is, a function or a ``Typer`` of several, and what it does."""

BAD_INPUT = 2
INTERRUPTED = 130

LONGEST = 2000
"""Characters of an error's line, whatever value it tells."""

_ParserError = cast("type[Exception]", typer.BadParameter.__mro__[2])
"""Root of what the parser of the command line refuses: typer's class or click's, after version."""


class _Commands(LazyGroup):
    table = COMMANDS


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    What a user may get wrong ends in one line on stderr and code 2; with
    ``JMERE_DEBUG=1`` in the environment it ends in a traceback.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        command = typer.main.get_command(app)
        code = command.main(args=given or ["--help"], prog_name="jmere", standalone_mode=False)
        if sys.stdout is not None:  # it is absent where a caller has closed it
            sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; nothing must be flushed to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (_ParserError, ValueError, OSError, MissingExtraError) as error:
        if os.environ.get("JMERE_DEBUG") == "1":
            raise
        sys.stderr.write(f"jmere: {_one_line(error)}\n")
        return BAD_INPUT
    return code if isinstance(code, int) else 0


def _print_version(wanted: bool) -> bool:
    if wanted:
        typer.echo(f"jmere {__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Joint multimodal entity-relation extraction: posts with pictures in, a graph out."""


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return _cut(plain_line(f"{error.filename}: {error.strerror}"))
    message: str = getattr(error, "format_message", error.__str__)()
    context = getattr(error, "ctx", None)
    hint = "" if context is None else f" (see: {context.command_path} --help)"
    return _cut(plain_line(message)) + hint


def _cut(line: str) -> str:
    """Leave out the middle of a line that tells a long value."""
    half = LONGEST // 2
    return line if len(line) <= LONGEST else f"{line[:half]} … {line[-half:]}"
