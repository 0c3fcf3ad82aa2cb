"""Training on two processes of the CPU beside training on one.

Three trainings of the small world of ``jmere bench --quick``: with one process, with two, and with
one and another seed. ``difference`` is the largest difference of an epoch's mean loss between
one and two processes, over the loss; ``noise`` that between two seeds. With ``--dropout`` each
process draws its own, and the difference is noise too.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from jmere.bench.worlds.tiny import quick_world

LAUNCH = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_machines", "1"]
LAUNCH += ["--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0"]


DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob")


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON, as always")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--dropout", type=float, default=0.0, help="of encoder and model")
    parser.add_argument("--batch-size", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = quick_world(Path(folder))
        print(json.dumps(compared(world, Path(folder), options)))


def compared(world: dict[str, Any], folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Train three times."""
    world["model"]["dropout"] = options.dropout
    encoder = folder / "encoder" / "config.json"
    config = json.loads(encoder.read_text(encoding="utf-8"))
    config |= dict.fromkeys(DROPOUTS, options.dropout)
    encoder.write_text(json.dumps(config), encoding="utf-8")
    world["training"] |= {"epochs": options.epochs, "patience": options.epochs}
    world["training"]["batch_size"] = options.batch_size
    found: dict[str, Any] = {}
    losses: dict[str, list[float]] = {}
    for name, processes, seed in (("one", 1, 1), ("two", 2, 1), ("other seed", 1, 2)):
        world["training"]["seed"] = seed
        rows, best, seconds = trained(world, folder / name.replace(" ", "-"), processes)
        losses[name] = [float(row["total"]) for row in rows]
        f1 = [float(row["dev_jmere_f1"]) for row in rows]
        found[name] = {"loss": losses[name], "dev_f1": f1, "best_epoch": best}
        found[name] |= {"seconds": round(seconds, 1)}
    one, two, other = losses.values()
    return {"difference": largest(one, two), "noise": largest(one, other), **found}


def trained(
    world: dict[str, Any], folder: Path, processes: int
) -> tuple[list[dict[str, str]], int, float]:
    """Train; return the rows of the log, the epoch that was chosen, and the time."""
    run = folder.with_suffix(".yaml")
    run.write_text(yaml.safe_dump({**world, "output": str(folder)}), encoding="utf-8")
    launch = [*LAUNCH, "--num_processes", str(processes)] if processes > 1 else []
    command = [sys.executable, *launch, "-m", "jmere", "-q", "train", str(run)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
    started = time.monotonic()
    done = subprocess.run(
        command, env=environment, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    if done.returncode:
        raise SystemExit(done.stderr.decode(errors="replace"))
    seconds = time.monotonic() - started
    with (folder / "log.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    state = json.loads((folder / "checkpoint" / "state.json").read_text(encoding="utf-8"))
    return rows, state["progress"]["best_epoch"], seconds


def largest(one: list[float], other: list[float]) -> float:
    """Return the largest relative difference."""
    return max(abs(a - b) / a for a, b in zip(one, other, strict=False))


if __name__ == "__main__":
    main()
