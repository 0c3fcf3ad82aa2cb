"""A run that is resumed: with more epochs, from damaged files, without a pickle."""

import logging
import pickle
import random
import resource
import shutil
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from builders import tiny_run
from jmere.tagger.weights import load_weights, write_tensors
from jmere.training.checkpoint import Checkpoint
from jmere.training.ema import WeightAverage
from jmere.training.resume import config_differences
from jmere.training.run import train
from jmere.training.run_config import RunConfig
from jmere.training.selection import Progress


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The values of a run of two epochs, whose learning rate does not depend on how many."""
    values = tiny_run(
        tmp_path_factory.mktemp("run"), epochs=2, patience=9, schedule="step", warmup=0.0
    )
    values["model"] = {**values["model"], "dropout": 0.2}
    train(RunConfig.parse(values))
    return values


@pytest.fixture
def run(finished, tmp_path):
    """A copy of that run, to do something to."""
    shutil.copytree(finished["output"], tmp_path / "run")
    return {**finished, "output": str(tmp_path / "run")}


def resumed(values, **training):
    values = {**values, "training": {**values["training"], **training}}
    # The folder of the run is not part of what it learned.
    used = Path(values["output"]) / "config.yaml"
    lines = used.read_text(encoding="utf-8").splitlines()
    lines[0] = f"output: {values['output']}"
    used.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return train(RunConfig.parse(values), resume=True)


def test_more_epochs_are_what_they_would_have_been(run, finished, tmp_path):
    resumed(run, epochs=4, patience=7)
    whole = {**finished, "output": str(tmp_path / "whole")}
    whole["training"] = {**whole["training"], "epochs": 4, "patience": 7}
    train(RunConfig.parse(whole))
    one, other = (
        load_weights(tmp_path / name / "checkpoint" / "model.safetensors")
        for name in ("run", "whole")
    )
    assert all(torch.equal(weights, other[name]) for name, weights in one.items())
    assert len((tmp_path / "run" / "log.csv").read_text(encoding="utf-8").splitlines()) == 1 + 4


def test_every_other_key_that_differs_is_named(run):
    run["model"] = {**run["model"], "alpha": 0.1}
    with pytest.raises(ValueError, match="had another config") as caught:
        resumed(run, epochs=5, seed=5)
    message = str(caught.value)
    assert "model.alpha was 0.4, is 0.1; training.seed was 19, is 5; only " in message
    assert "training.epochs was" not in message


def test_long_values_are_named_in_a_line():
    before = {"data": {"train": ["a" * 500]}, "only": 1}
    assert [key for key, *_ in config_differences(before, {"data": {"train": "b"}})] == [
        "data.train",
        "only",
    ]


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_no_pickle_is_written_or_read(run, tmp_path):
    folder = tmp_path / "run" / "checkpoint"
    assert {path.suffix for path in folder.iterdir()} == {".safetensors", ".json"}
    (folder / "random_states_0.pkl").write_bytes(pickle.dumps(Evil(tmp_path / "was here")))
    with pytest.raises(ValueError, match=r"'random_states_0.pkl', which was not written by jmere"):
        resumed(run, epochs=3)
    assert not (tmp_path / "was here").exists()


def test_a_checkpoint_of_pickles_is_refused(run, tmp_path):
    folder = tmp_path / "run" / "checkpoint"
    (folder / "optimizer.safetensors").rename(folder / "optimizer.bin")
    with pytest.raises(ValueError, match=r"written by an earlier version, as pickles, .* remove"):
        resumed(run, epochs=3)


def checkpoint_of(network, folder):
    """The checkpoint of a network that has learned one step."""
    optimizer = torch.optim.AdamW(network.parameters())
    schedule = LambdaLR(optimizer, lambda step: 1 / (1 + step))
    network(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    schedule.step()
    return Checkpoint(
        folder / "checkpoint",
        Progress,
        accelerator=Accelerator(),
        network=network,
        optimizer=optimizer,
        schedule=schedule,
        average=WeightAverage(network, 0.5),
    )


@pytest.mark.usefixtures("as_users_call")  # the type checker draws from Python's generator
def test_a_checkpoint_gives_everything_back(tmp_path):
    saved = checkpoint_of(nn.Linear(3, 3), tmp_path)
    saved.save(Progress(epoch=3, f1=0.25))
    drawn = torch.rand(3), random.random()
    other = checkpoint_of(nn.Linear(3, 3), tmp_path)
    assert other.load() == Progress(epoch=3, f1=0.25)
    assert (torch.rand(3).tolist(), random.random()) == (drawn[0].tolist(), drawn[1])
    (states, others) = (each._optimizer.state_dict() for each in (saved, other))
    assert others["param_groups"] == states["param_groups"]
    for number, values in states["state"].items():
        for name, value in values.items():
            assert torch.equal(others["state"][number][name], value)
    assert torch.equal(other._network.weight, saved._network.weight)
    assert torch.equal(other._average.weights[0], saved._average.weights[0])


FILES = [
    *("model.safetensors", "optimizer.safetensors", "average.safetensors"),
    *("state.json", "random_states_0.json"),
]
CONTENTS = [
    *(None, b"", b"{", b"{}", b"[" * 99_999, b'{"progress": {"epoch": "x"}}', b"\xff" * 99),
    b'{"progress": {}, "steps": "x"}',
    b'{"python": [3, [1], null], "torch": "zz"}',
]


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_checkpoint_is_refused_in_a_line(tmp_path, name):
    checkpoint = checkpoint_of(nn.Linear(3, 3), tmp_path)
    checkpoint.save(Progress())
    path = checkpoint.folder / name
    whole = path.read_bytes()
    for content in [*CONTENTS, whole[:-2], whole[: len(whole) // 2]]:
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ValueError, match=f"{name}: (missing|damaged)") as caught:
            checkpoint.load()
        assert "remove this folder and --resume trains from the start" in str(caught.value)
        assert len(str(caught.value)) < 700
        assert "\n" not in str(caught.value)
    path.write_bytes(whole)
    assert checkpoint.load() == Progress()


def test_the_states_of_another_model_are_refused(tmp_path):
    checkpoint_of(nn.Linear(3, 5), tmp_path).save(Progress())
    with pytest.raises(ValueError, match=r"model\.safetensors: damaged or of another run"):
        checkpoint_of(nn.Linear(3, 3), tmp_path).load()
    checkpoint = checkpoint_of(nn.Linear(3, 5), tmp_path)
    write_tensors({"0.exp_avg": torch.zeros(3, 5)}, checkpoint.folder / "optimizer.safetensors")
    with pytest.raises(ValueError, match=r"damaged .*0\.exp_avg does not fit the model"):
        checkpoint.load()


def test_without_a_checkpoint_training_begins_anew(run, tmp_path, caplog):
    shutil.rmtree(tmp_path / "run" / "checkpoint")
    with caplog.at_level(logging.INFO, "jmere"):
        resumed(run, epochs=1)
    assert "no checkpoint found: training starts with epoch 1" in caplog.text


@pytest.fixture
def small_files():
    """No file may be longer than 40,000 bytes, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
def test_a_disk_that_is_full_leaves_the_checkpoint_before(tmp_path):
    checkpoint = checkpoint_of(nn.Linear(3, 3), tmp_path)
    checkpoint.save(Progress(epoch=1))
    larger = checkpoint_of(nn.Linear(3, 9999), tmp_path)
    with pytest.raises(OSError, match=r"model\.safetensors: cannot be written \(.*\)$"):
        larger.save(Progress(epoch=2))
    assert checkpoint.load() == Progress(epoch=1)
    checkpoint.save(Progress(epoch=2))
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]
