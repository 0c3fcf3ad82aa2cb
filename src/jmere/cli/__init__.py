"""Entry point of the command ``jmere``; each command is imported when it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, cast

import typer

from jmere import __version__
from jmere.cli.lazy import LazyGroup
from jmere.cli.noise import set_verbosity
from jmere.errors import MissingExtraError, missing_extra
from jmere.terminal import Verbosity, plain_line

__all__ = ["COMMANDS", "app", "main"]

COMMANDS = {
    "extract": ("jmere.cli.extract:extract", "Extract quintuples from posts, or from one text."),
    "data": ("jmere.cli.data:app", "Convert, count and check files of posts."),
    "init": ("jmere.cli.init:init", "Start a folder for your own labels."),
    "train": ("jmere.cli.train:train", "Train a model from a run file."),
    "export": ("jmere.cli.export:app", "Write a model that runs without torch."),
    "evaluate": ("jmere.cli.evaluate:evaluate", "Evaluate a model on gold posts."),
    "score": ("jmere.cli.evaluate:score", "Score predictions against gold posts."),
    "graph": ("jmere.cli.graph:app", "Build a knowledge graph from quintuples."),
    "weights": ("jmere.cli.weights:app", "List, download and locate detector weights."),
    "scene": ("jmere.cli.scene:scene", "Detect objects and relations in an image."),
    "bench": ("jmere.cli.bench:app", "Reproduce the paper's tables and curves."),
    "build": ("jmere.cli.build:app", "Rebuild the bundled parts and the controlled world."),
    "serve": ("jmere.cli.serve:serve", "Serve the HTTP API and the web page."),
    "show": ("jmere.cli.show:app", "Show a post's grid, alignment and predictions."),
    "parse": ("jmere.cli.parse:parse", "Parse a text into a dependency graph."),
}
"""Module, object and one-line help of each command."""

BAD_INPUT = 2
INTERRUPTED = 130

MAX_LENGTH = 2000
"""Maximum length of an error message, in characters."""

_ParserError = cast("type[Exception]", typer.BadParameter.__mro__[2])
"""Base class of command-line errors, in typer or click depending on the version."""


class _Commands(LazyGroup):
    table = COMMANDS


app = typer.Typer(
    cls=_Commands,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    User errors print one line on stderr and exit with code 2; with ``JMERE_DEBUG=1`` in the
    environment they print a traceback.
    """
    Verbosity.own_process = arguments is None
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        command = typer.main.get_command(app)
        code = command.main(
            args=given or ["--help"],
            prog_name="jmere",
            standalone_mode=False,
        )
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
    except ModuleNotFoundError as error:
        missing = missing_extra(error, f"jmere {' '.join(given[:1])}".strip())
        if missing is None or os.environ.get("JMERE_DEBUG") == "1":
            raise
        sys.stderr.write(f"jmere: {missing}\n")
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
        typer.Option(
            "--version",
            "-V",
            callback=_print_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose", "-v", count=True, show_default=False, help="Log more, -vv everything."
        ),
    ] = 0,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only problems on stderr, no progress.")
    ] = False,
) -> None:
    """Joint multimodal entity-relation extraction: from posts with images to a knowledge graph.

    Exit codes: 0 success, 1 nothing could be read or a run failed, 2 wrong input.
    """
    if verbose and quiet:
        raise typer.BadParameter("give either --verbose or --quiet")
    set_verbosity(-1 if quiet else verbose)


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return _cut(plain_line(f"{error.filename}: {error.strerror}"))
    message: str = getattr(error, "format_message", error.__str__)()
    context = getattr(error, "ctx", None)
    hint = "" if context is None else f" (see: {context.command_path} --help)"
    return _cut(plain_line(message)) + hint


def _cut(line: str) -> str:
    """Shorten a line by leaving out its middle."""
    half = MAX_LENGTH // 2
    return line if len(line) <= MAX_LENGTH else f"{line[:half]} … {line[-half:]}"
