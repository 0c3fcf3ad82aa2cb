"""Training on several processes: the same posts in every step, one log, one model."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import yaml

from builders import tiny_run
from jmere.tagger.weights import load_weights
from jmere.training.buckets import LengthBucketSampler
from jmere.training.run import train
from jmere.training.run_config import RunConfig
from jmere.training.team import BatchPart, SplitBatches

EPOCHS = 5
BATCH = 3
"""Of eight posts: the last batch has two, and the others cannot be halved."""


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_the_parts_of_a_batch_are_the_batch(processes):
    batches = LengthBucketSampler([5, 3, 4, 9, 1, 2, 7], batch_size=3, seed=1)
    parts = [
        list(SplitBatches(batches, process=number, processes=processes).parts())
        for number in range(processes)
    ]
    for batch, *own in zip(batches, *parts, strict=True):
        counted = [post for part in own for post in part.posts[: part.own]]
        assert sorted(counted) == sorted(batch)
        assert all(part.posts for part in own)
        assert {part.whole for part in own} == {len(batch)}


@pytest.mark.parametrize("sums", [False, True])
def test_the_mean_of_the_parts_losses_is_that_of_the_batch(sums):
    losses = torch.tensor([1.0, 2.0, 6.0])
    reduce = torch.sum if sums else torch.mean
    parts = [BatchPart([0, 2], 2, 3, 3), BatchPart([1], 1, 3, 3), BatchPart([0], 0, 3, 3)]
    weighted = [
        part.weighted({"total": reduce(losses[part.posts])}, sums=sums)["total"] for part in parts
    ]
    assert torch.stack(weighted).mean() == pytest.approx(float(reduce(losses)))


def run_file(folder, name, *, dropout=0.0, epochs=EPOCHS):
    """The run file of a training into a folder of this name."""
    values = tiny_run(folder, epochs=epochs, patience=epochs, batch_size=BATCH, average=0.5)
    values |= {"output": str(folder / name), "model": {**values["model"], "dropout": dropout}}
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def launch(path, *options):
    """Two processes of a run on the CPU, by accelerate."""
    command = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
    command += ["--num_processes", "2", "--num_machines", "1", "--mixed_precision", "no"]
    command += ["--dynamo_backend", "no", "--main_process_port", "0"]
    command += ["-m", "jmere", "train", str(path), *options]
    environment = {**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def rows(folder):
    with (folder / "log.csv").open(encoding="utf-8", newline="") as stream:
        return [
            {name: float(value) for name, value in row.items() if name != "seconds"}
            for row in csv.DictReader(stream)
        ]


def best_epoch(folder):
    state = json.loads((folder / "checkpoint" / "state.json").read_text(encoding="utf-8"))
    return state["progress"]["best_epoch"]


def finish(path, *options):
    """Launch a run and wait for its end; its two streams."""
    with launch(path, *options) as running:
        out, err = running.communicate(timeout=600)
    assert running.returncode == 0, err
    return out, err


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A run of two processes: its folder, its two streams."""
    folder = tmp_path_factory.mktemp("two")
    return folder / "run", *finish(run_file(folder, "run"))


def test_two_processes_learn_as_one_does(two, tmp_path):
    values = yaml.safe_load(run_file(tmp_path, "one").read_text(encoding="utf-8"))
    train(RunConfig.parse(values))
    folder, _, _ = two
    for one, both in zip(rows(tmp_path / "one"), rows(folder), strict=True):
        assert both == pytest.approx(one, rel=1e-3, abs=1e-3)
    assert best_epoch(folder) == best_epoch(tmp_path / "one")


def test_one_of_them_tells(two):
    folder, out, err = two
    assert out.count("JMERE") == 1
    for epoch in range(1, EPOCHS + 1):
        assert err.count(f"epoch {epoch}:") == 1
    assert {path.name for path in folder.iterdir()} == {
        "checkpoint", "config.yaml", "log.csv", "model", "tensorboard"
    }  # fmt: skip
    assert len(list((folder / "checkpoint").glob("random_states_*.json"))) == 2


def process_of_rank(launcher, rank):
    """The id of one of the processes that a launcher has started."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = path.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            own = path.joinpath("environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(parent) == launcher.pid and f"RANK={rank}".encode() in own:
            return int(path.name)
    raise AssertionError(f"no process of rank {rank}")


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_a_killed_process_ends_the_run_which_goes_on_to_the_same_end(tmp_path):
    """Dropout is on: the random states of both processes count."""
    finish(run_file(tmp_path, "whole", dropout=0.2, epochs=12))
    path = run_file(tmp_path, "killed", dropout=0.2, epochs=12)
    with launch(path) as running:
        log = tmp_path / "killed" / "log.csv"
        deadline = time.monotonic() + 300
        while not (log.exists() and rows(log.parent)):
            assert running.poll() is None, running.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.kill(process_of_rank(running, 1), signal.SIGKILL)
        running.communicate(timeout=300)
    assert running.returncode != 0
    _, err = finish(path, "--resume")
    assert "resumed after epoch" in err
    whole, resumed = (
        load_weights(tmp_path / name / "checkpoint" / "model.safetensors")
        for name in ("whole", "killed")
    )
    assert whole.keys() == resumed.keys()
    for name, weights in whole.items():
        assert torch.equal(weights, resumed[name]), name
    assert rows(tmp_path / "killed") == rows(tmp_path / "whole")
