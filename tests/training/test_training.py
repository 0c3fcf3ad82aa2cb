import csv
from pathlib import Path

import pytest
import torch
import yaml
from accelerate.state import AcceleratorState

from builders import sample_posts, tiny_run
from jmere import Extractor
from jmere.config import override
from jmere.evaluation.scores import score
from jmere.tagger.tagger import Tagger
from jmere.tagger.weights import load_weights
from jmere.training.buckets import LengthBucketSampler
from jmere.training.logs import Logs, Shares
from jmere.training.optimizer import schedule_of
from jmere.training.run import train
from jmere.training.run_config import RunConfig, TrainingConfig
from jmere.training.run_file import load_run

CONFIGS = Path(__file__).parents[2] / "configs" / "runs"
RUNS = sorted([*CONFIGS.glob("*.yaml"), *CONFIGS.glob("runs/*.yaml")])


def test_eight_posts_are_learned_by_heart(trained_run):
    _, scores = trained_run
    assert scores.jmere.f1 == 1
    assert scores.mner.f1 == 1


def test_the_config_is_saved_as_it_was_used(trained_run):
    values, _ = trained_run
    used = yaml.safe_load((Path(values["output"]) / "config.yaml").read_text(encoding="utf-8"))
    assert used["model"]["alpha"] == 0.4
    assert RunConfig.parse(used) == RunConfig.parse(values)


def test_every_epoch_is_logged(trained_run):
    values, scores = trained_run
    with (Path(values["output"]) / "log.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["epoch"]) for row in rows] == list(range(1, len(rows) + 1))
    assert max(float(row["dev_jmere_f1"]) for row in rows) == pytest.approx(scores.jmere.f1)
    assert float(rows[-1]["tagging"]) < float(rows[0]["tagging"])
    assert all(0 <= float(row["edges_converged"]) <= 1 for row in rows)
    assert (Path(values["output"]) / "tensorboard").is_dir()


def test_a_share_is_a_mean_over_the_posts_that_have_one():
    shares = Shares()
    shares.add({"edges_converged": torch.tensor([1.0, 0.0, 1.0])})
    shares.add({"edges_converged": torch.tensor([]), "other": torch.tensor([])})
    shares.add({"edges_converged": torch.tensor([0.0])})
    assert shares.means() == {"edges_converged": 0.5}


def checkpoint(run):
    """The weights of a run's checkpoint, and their average."""
    names = ("model.safetensors", "average.safetensors")
    return {
        f"{file} {name}": weights
        for file in names
        for name, weights in load_weights(run / "checkpoint" / file).items()
    }


def test_a_killed_run_resumes_to_the_same_end(tmp_path, monkeypatch):
    """Dropout is on, so random states count too; and the average of the weights goes on."""
    values = tiny_run(tmp_path, average=0.8)
    values["model"] = {**values["model"], "dropout": 0.2}
    train(RunConfig.parse(values))
    whole = checkpoint(tmp_path / "run")

    write = Logs.write

    def die_in_second_epoch(logs, epoch, losses):
        if epoch == 2:
            raise InterruptedError
        write(logs, epoch, losses)

    values["output"] = str(tmp_path / "broken")
    with monkeypatch.context() as patch:
        patch.setattr(Logs, "write", die_in_second_epoch)
        with pytest.raises(InterruptedError):
            train(RunConfig.parse(values))
    train(RunConfig.parse(values), resume=True)
    resumed = checkpoint(tmp_path / "broken")
    assert whole.keys() == resumed.keys()
    for name, weights in whole.items():
        assert torch.equal(weights, resumed[name]), name
    rows = (tmp_path / "broken" / "log.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + 3


@pytest.fixture
def another_precision():
    """Accelerate keeps one precision per process; let this test have its own."""
    AcceleratorState._reset_state(reset_partial_state=True)
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.mark.usefixtures("another_precision")
def test_half_precision_learns_too(tmp_path):
    scores = train(RunConfig.parse(tiny_run(tmp_path, epochs=2, mixed_precision="bf16")))
    with (tmp_path / "run" / "log.csv").open(encoding="utf-8", newline="") as stream:
        losses = [float(row["total"]) for row in csv.DictReader(stream)]
    assert losses[1] < losses[0] < 100
    assert scores.posts == 8


def test_what_is_learned_from_worst_embeddings_is_something_else(tmp_path):
    weights = []
    for name, changes in (("plain", {}), ("worst", {"adversarial": 0.5, "layer_decay": 0.9})):
        folder = tmp_path / name
        folder.mkdir()
        train(RunConfig.parse(tiny_run(folder, epochs=1, **changes)))
        weights.append(checkpoint_weights(folder / "run"))
    plain, worst = weights
    assert all(each.isfinite().all() for each in worst.values())
    assert any(not torch.equal(each, worst[name]) for name, each in plain.items())


def checkpoint_weights(run):
    return load_weights(run / "checkpoint" / "model.safetensors")


def test_decoding_is_chosen_on_dev_and_kept(tmp_path):
    run = RunConfig.parse(
        tiny_run(tmp_path, epochs=6, tune_decoding=True, signatures=True, calibrate=True)
    )
    chosen = train(run)
    kept = Tagger.from_pretrained(tmp_path / "run" / "model")
    assert ("member_of", "per", "org") in kept.decoder.signatures
    assert kept.decoder.calibration is not None
    posts = sample_posts()
    found = list(Extractor(kept).stream(posts))
    assert score(posts, found).jmere == chosen.jmere


def test_a_trained_model_is_gone_on_from(trained_run, tiny_model, tmp_path):
    values = {**trained_run[0], "output": str(tmp_path / "on"), "begin": str(tiny_model)}
    values["training"] = {**values["training"], "epochs": 1}
    assert train(RunConfig.parse(values)).jmere.f1 == 1
    values.update(model={**values["model"], "alpha": 0.9}, output=str(tmp_path / "other"))
    with pytest.raises(ValueError, match=r"model: differs from that of .*, the model to start"):
        train(RunConfig.parse(values))


def test_posts_of_dev_are_not_learned(tmp_path):
    values = tiny_run(tmp_path)
    values["data"] = {**values["data"], "keep_overlap": False}
    with pytest.raises(ValueError, match="every post is in dev too"):
        train(RunConfig.parse(values))


def test_a_run_is_not_written_over(trained_run):
    with pytest.raises(ValueError, match="already contains a run; pass --resume to continue it"):
        train(RunConfig.parse(trained_run[0]))


def test_another_config_does_not_resume(trained_run):
    values = override({**trained_run[0]}, [])
    values["training"] = {**values["training"], "seed": 5}
    with pytest.raises(ValueError, match="the run to resume had another config"):
        train(RunConfig.parse(values), resume=True)


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_every_config_is_read(path):
    run = RunConfig.parse(load_run(path))
    assert run.model.to_json()["name"] == run.model.name


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["training.epoch=3"], r"unknown key 'training\.epoch'; did you mean 'epochs'\?"),
        (["model.alfa=0.2"], r"unknown key 'model\.alfa'; did you mean 'alpha'\?"),
        (["model.name=eega2"], r"unknown model\.name 'eega2'; did you mean 'eega'\?"),
        (["training.epochs=many"], r"training\.epochs: .*integer.*, got 'many'"),
        (["training.epochs=0"], r"training\.epochs must be at least 1, got 0"),
        (["training.average=1"], r"training\.average must be in \[0, 1\), got 1"),
        (["training.warmup=2"], r"training\.warmup must be in \[0, 1\]"),
        (["training"], r"--set training: expected key=value"),
        (["output.folder=x"], r"--set output\.folder=x: 'output' is a value, not a part"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_line(settings, message):
    with pytest.raises(ValueError, match=message) as caught:
        RunConfig.parse(override(load_run(CONFIGS / "paper.yaml"), settings))
    assert "\n" not in str(caught.value)


def test_a_missing_part_is_named():
    with pytest.raises(ValueError, match="encoder, data must be given"):
        RunConfig.parse({"output": "x", "model": {"name": "eega"}})


def test_posts_of_one_length_meet_and_each_comes_once():
    lengths = [n % 30 for n in range(1000)]
    batches = list(LengthBucketSampler(lengths, batch_size=8, seed=1))
    assert sorted(index for batch in batches for index in batch) == list(range(1000))
    spread = [max(lengths[i] for i in b) - min(lengths[i] for i in b) for b in batches]
    assert sum(spread) / len(spread) < 2


def test_seed_and_epoch_alone_decide_the_order():
    first, same, other = (LengthBucketSampler(range(100), batch_size=8, seed=s) for s in (1, 1, 2))
    assert list(first) == list(same)
    assert list(first) != list(other)
    first.epoch = 1
    assert list(first) != list(same)


def test_the_learning_rate_rises_and_falls():
    share = schedule_of(TrainingConfig(epochs=10, warmup=0.1), 10)
    assert [share(step) for step in (0, 5, 10, 55, 100)] == [0, 0.5, 1, 0.5, 0]
    step = schedule_of(
        TrainingConfig(epochs=40, warmup=0, schedule="step", decay=0.5, decay_epochs=10), 10
    )
    assert [step(n) for n in (0, 99, 100, 250)] == [1, 1, 0.5, 0.25]


def test_tensorboard_reads_the_epochs(trained_run):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = Path(trained_run[0]["output"])
    board = EventAccumulator(str(folder / "tensorboard"))
    board.Reload()
    with (folder / "log.csv").open(encoding="utf-8", newline="") as stream:
        logged = {int(row["epoch"]): float(row["total"]) for row in csv.DictReader(stream)}
    shown = {event.step: event.value for event in board.Scalars("total")}
    assert shown == pytest.approx(logged, rel=1e-4)
