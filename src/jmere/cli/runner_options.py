"""Options of where extraction runs: in this process, or on a Ray cluster."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Annotated

import typer


class Runner(str, Enum):
    """Where extraction runs."""

    LOCAL = "local"
    RAY = "ray"


RunnerOption = Annotated[
    Runner,
    typer.Option(
        "--engine",
        help="Where to run: local, this process; or ray, a cluster: POSTS may be a pattern, also "
        "in a store (s3://...), and --output is a folder of parts.",
    ),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        help="Address of a running Ray cluster (auto, HOST:PORT, ray://...); default: this machine."
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(min=1, help="Workers of --engine ray; default: one per processor or GPU."),
]
PartPostsOption = Annotated[
    int | None,
    typer.Option(min=1, help="About how many posts a part of --engine ray has."),
]


def check_runner(engine: Runner, options: Mapping[str, object]) -> None:
    """Raise if an option of the cluster is given without it."""
    for name, value in options.items():
        if value is not None and engine is not Runner.RAY:
            raise ValueError(f"--{name.replace('_', '-')} requires --engine ray")


def refuse_with_ray(options: Mapping[str, object], posts: str | None, output: str | None) -> None:
    """Raise if an option is given that a cluster cannot serve, or files are not named."""
    for name, value in options.items():
        if value:
            raise ValueError(f"{name} does not go with --engine ray; expected files and --output")
    if output is None:
        raise ValueError("--engine ray requires --output, the folder of the parts")
    if posts == "-":
        raise ValueError("--engine ray reads files, not the standard input")
