"""Check of a run's output folder before anything is read or computed."""

from __future__ import annotations

from pathlib import Path

from jmere.files.folders import check_replaceable
from jmere.files.outputs import keep_apart
from jmere.training.logs import LOG
from jmere.training.run_config import RunConfig

MODEL, CHECKPOINT, USED_CONFIG = "model", "checkpoint", "config.yaml"
"""Contents of a run's folder: the best model, the last epoch, the config as used."""


def check_output(config: RunConfig) -> None:
    """Refuse a folder in which the run would overwrite its inputs, or files of other programs.

    Raises:
        ValueError: If the folder cannot be used; nothing has been changed.
    """
    output, data, visual = Path(config.output), config.data, config.visual
    if output.exists() and not output.is_dir():
        raise ValueError(f"output {output}: is a file; expected a folder, or nothing there yet")
    inputs: list[str | Path | None] = [config.encoder, config.begin, *config.teachers]
    inputs += [*data.train, data.dev, *data.unlabelled, visual.scenes, visual.features]
    written = {f"output: {name}": output / name for name in (MODEL, CHECKPOINT, LOG, USED_CONFIG)}
    keep_apart(written, [path for path in inputs if path is not None and Path(path).exists()])
    if (output / USED_CONFIG).exists():
        return  # a run's; whether it is this one is seen when it is resumed
    for name in (MODEL, CHECKPOINT, f"{CHECKPOINT}.new"):
        check_replaceable(output / name)
    if (output / LOG).exists():
        raise ValueError(f"{output}: contains {LOG!r}, but no run; choose another output")
