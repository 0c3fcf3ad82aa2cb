"""Training from Python: a run as a config, as plain values, or as a run file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jmere.errors import require, short_repr
from jmere.evaluation.scores import Scores
from jmere.training.run_config import RunConfig
from jmere.training.run_file import load_run, with_settings


def train(
    run: RunConfig | Mapping[str, Any] | str | Path,
    *,
    settings: Sequence[str] = (),
    resume: bool = False,
) -> Scores:
    """Train a model, select the best epoch on dev, and save it in ``OUTPUT/model``.

    Args:
        run: A run file, the values of one, or a config.
        settings: Values to change, each as ``key=value``; not with a config.
        resume: Whether to continue after the run's last checkpoint.

    Returns:
        Scores of the saved model on dev.

    Raises:
        ValueError: If a value or a file of posts is wrong, or the output folder cannot be used.
        FileNotFoundError: If a file is missing.
        DivergedError: If the loss or the weights are no longer finite.
        MissingExtraError: If the libraries of the extra ``train`` are not installed.

    Example:
        >>> train("gone.yaml", settings=["training.epochs=3"])
        Traceback (most recent call last):
        FileNotFoundError: [Errno 2] No such file or directory: 'gone.yaml'

        A run needs posts to learn from, posts to select on, and an output folder:

        >>> run = {"output": "runs/mine", "encoder": "all-MiniLM-L6-v2", "model": "eega"}
        >>> run["data"] = {"train": ["train.jsonl"], "dev": "dev.jsonl"}
        >>> scores = train(run, settings=["training.epochs=3"])  # doctest: +SKIP
    """
    config = as_run(run, settings)
    require("accelerate", "train", "training")
    from jmere.training.run import train

    return train(config, resume=resume)


def as_run(
    run: RunConfig | Mapping[str, Any] | str | Path, settings: Sequence[str] = ()
) -> RunConfig:
    """Read the config of a run from a file or from plain values.

    Raises:
        ValueError: If a key is unknown or a value is wrong.
        FileNotFoundError: If there is no such file.
        TypeError: If ``run`` is none of these.
    """
    if isinstance(run, RunConfig):
        if settings:
            raise ValueError("settings change a run file or plain values, not a RunConfig")
        return run
    if isinstance(run, str | Path):
        values = load_run(run)
    elif isinstance(run, Mapping):
        values = dict(run)
    else:
        raise TypeError(f"run: expected a run file, its values or a config, got {short_repr(run)}")
    return RunConfig.parse(with_settings(values, settings))
