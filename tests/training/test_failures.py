"""A training that cannot go well says so: in its data, its settings, its numbers, its end."""

import json
import logging
from dataclasses import replace

import pytest
import torch
import yaml
from accelerate import Accelerator
from torch import nn

from builders import sample_posts, tiny_run
from jmere import Extractor
from jmere.cli import main
from jmere.data.jsonl import write_posts
from jmere.evaluation.scores import score
from jmere.records import Post, Quintuple, SceneGraph
from jmere.tagger.tagger import Tagger
from jmere.training.finite import EVERY, DivergedError, LossWatch, check_weights
from jmere.training.run import train
from jmere.training.run_config import RunConfig, TrainingConfig
from jmere.training.selection import Progress

TOO_FAST = {"learning_rate": 1e9, "encoder_learning_rate": 1e9}


@pytest.fixture
def values(tmp_path):
    """A run file's values with files of its own for train and dev."""
    values = tiny_run(tmp_path)
    for name in ("train", "dev"):
        write_posts(tmp_path / f"{name}.jsonl", sample_posts())
    values["data"] = {
        "train": [str(tmp_path / "train.jsonl")],
        "dev": str(tmp_path / "dev.jsonl"),
        "keep_overlap": True,
    }
    return values


def test_a_loss_that_is_not_finite_ends_the_run(values, tmp_path, capfd):
    values["training"].update(TOO_FAST, epochs=9, patience=9)
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")

    assert main(["train", str(tmp_path / "run.yaml")]) == 1

    last = capfd.readouterr().err.splitlines()[-1]
    assert last.startswith("jmere: training ended in epoch 2: the loss of step 1 is not finite; ")
    assert f"the model of epoch 1, dev F1 0.0000, is kept in {tmp_path / 'run' / 'model'}" in last
    assert Tagger.from_pretrained(tmp_path / "run" / "model").tags


def test_without_a_model_none_is_promised(values, tmp_path):
    """One batch per step: the weights are ruined within the first epoch."""
    values["training"].update(TOO_FAST, batch_size=1)
    with pytest.raises(DivergedError, match=r"in epoch 1: .* is not finite; no model is kept"):
        train(RunConfig.parse(values))
    assert not (tmp_path / "run" / "model").exists()
    values["training"].update(learning_rate=1e-3, encoder_learning_rate=1e-3)
    assert train(RunConfig.parse(values), resume=True).posts == 8  # with another config


def test_the_first_bad_step_is_named_whenever_it_is_looked_at():
    watch = LossWatch(Accelerator())
    for loss in [1.0, float("inf"), float("nan")]:
        watch.see(torch.tensor(loss))
    with pytest.raises(DivergedError, match="the loss of step 2 is not finite"):
        watch.check()
    for _ in range(EVERY - 4):
        watch.see(torch.tensor(1.0))
    with pytest.raises(DivergedError, match="step 2"):
        watch.see(torch.tensor(1.0))


def test_finite_losses_and_weights_pass():
    watch = LossWatch(Accelerator())
    for _ in range(EVERY + 1):
        watch.see(torch.tensor(3e38))
    watch.check()
    network = nn.Linear(2, 2)
    check_weights(network)
    with torch.no_grad():
        network.weight[0, 0] = torch.inf
    with pytest.raises(DivergedError, match="weights are not finite after the last step"):
        check_weights(network)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("training.learning_rate", float("nan")),
        ("training.gradient_clip", float("inf")),
        ("training.adversarial", "nan"),
        ("training.decay", float("-inf")),
        ("model.graph_weight", float("nan")),
        ("model.node_epsilon", float("inf")),
        ("loss.none_weight", float("nan")),
        ("decoding.relation_bias", float("inf")),
    ],
)
def test_a_setting_that_is_not_finite_is_refused(values, key, value):
    part, name = key.split(".")
    values[part] = {**values.get(part, {}), name: value}
    with pytest.raises(ValueError, match=rf"{part}\.{name}: expected a finite number, got "):
        RunConfig.parse(values)


def test_settings_in_python_are_checked_as_well():
    with pytest.raises(ValueError, match=r"training\.learning_rate must be finite and not neg"):
        TrainingConfig(learning_rate=float("nan"))


def test_patience_begins_with_the_first_right_answer():
    settings, progress = {"epochs": 99, "patience": 2}, Progress()
    for _ in range(10):
        progress.finish(0.0, 0.0, 1.0)
    assert progress.reason_to_stop(**settings) is None
    for f1 in (0.2, 0.1, 0.2):
        assert progress.reason_to_stop(**settings) is None
        progress.finish(f1, 0.0, 1.0)
    assert progress.best_epoch == 11
    assert progress.reason_to_stop(**settings) == (
        "the dev score has not improved for 2 epochs (training.patience is 2)"
    )


def test_of_equal_scores_the_better_entities_and_the_lower_loss_are_kept():
    progress = Progress()
    assert progress.finish(0.0, 0.3, 2.0)
    assert not progress.finish(0.0, 0.2, 1.0)
    assert progress.finish(0.0, 0.3, 1.5)
    assert progress.finish(0.5, 0.1, 9.0)
    assert not progress.finish(0.5, 0.1, 9.0)
    assert (progress.best_epoch, progress.f1, progress.mner_f1) == (4, 0.5, 0.1)


def test_a_lower_loss_alone_does_not_give_patience_back():
    progress = Progress()
    for loss in (3.0, 2.0, 1.0):
        progress.finish(0.5, 0.5, loss)
    assert progress.best_epoch == 3
    assert progress.reason_to_stop(epochs=9, patience=2) is not None


def test_a_run_that_stops_early_says_why(values, tiny_model, tmp_path, caplog):
    """Nothing is learned, and what the model knows is not all that dev asks for."""
    posts = sample_posts()
    write_posts(values["data"]["dev"], [*posts[1:], replace(posts[0], quintuples=())])
    values["begin"] = str(tiny_model)
    values["training"].update(learning_rate=0.0, encoder_learning_rate=0.0, epochs=9, patience=2)
    with caplog.at_level(logging.INFO, "jmere"):
        train(RunConfig.parse(values))
    assert "early stopping after epoch 3 of 9: the dev score has not improved for 2" in caplog.text


def test_a_run_that_learned_nothing_says_so(values, caplog):
    values["training"].update(learning_rate=0.0, encoder_learning_rate=0.0, epochs=2, patience=1)
    train(RunConfig.parse(values))
    assert "dev F1 was 0 in all 2 epochs" in caplog.text


def spoil(path, change):
    """Change the second record of a file, and give it a tenth line like the first."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    change(records)
    path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")


@pytest.mark.parametrize("split", ["train", "dev"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda posts: posts.append(posts[0]), r":9: id 'post-0' is already on line 1"),
        (lambda posts: posts[1]["quintuples"][0].update(relation="x"), r":2: .*'x'"),
        (lambda posts: posts[2].update(text=5), r":3: .*text"),
    ],
)
def test_bad_records_are_refused_before_anything_is_loaded(
    values, tmp_path, split, change, message
):
    spoil(tmp_path / f"{split}.jsonl", change)
    values["encoder"] = str(tmp_path / "there is none")
    with pytest.raises(ValueError, match=rf"{split}\.jsonl{message}"):
        train(RunConfig.parse(values))
    assert not (tmp_path / "run").exists()


def test_dev_without_annotation_is_refused(values):
    write_posts(values["data"]["dev"], [Post(id="a", text="a man")])
    with pytest.raises(ValueError, match=r"data\.dev: no post has a quintuple or an entity to sel"):
        train(RunConfig.parse(values))


def test_what_a_run_goes_on_with_is_counted(values, tmp_path, caplog):
    spoil(tmp_path / "train.jsonl", lambda posts: posts.append({"id": "blank", "text": "  "}))
    values["training"]["epochs"] = 1
    train(RunConfig.parse(values))
    assert "data.train: 1 problems (see jmere data validate); the first: " in caplog.text
    assert "train.jsonl:9: the post has no word" in caplog.text


def long_post(name):
    """A post of several windows; its annotation is in the last of them, and across two."""
    first = sample_posts()[0]
    padding = "word " * 150
    shift = len(padding)
    last = first.quintuples[0]
    ends = [
        replace(each, start=each.start + shift, end=each.end + shift)
        for each in (last.head, last.tail)
    ]
    crossing = Quintuple(replace(ends[0], text="word", start=0, end=4), ends[1], "peer")
    return Post(
        id=name,
        tokens=tuple(f"{padding}{first.text}".split()),
        quintuples=(Quintuple(*ends, last.relation), crossing),
    )


def test_long_posts_are_read_in_windows_and_counted(values, caplog):
    write_posts(values["data"]["train"][0], [*sample_posts(), long_post("long")])
    write_posts(values["data"]["dev"], [*sample_posts(), long_post("longer")])
    values["training"].update(epochs=2, tune_decoding=True, calibrate=True, learning_rate=1e-2)
    with caplog.at_level(logging.INFO, "jmere"):
        scores = train(RunConfig.parse(values))
    assert "1 training posts exceed the encoder's maximum of 64 word pieces" in caplog.text
    assert "1 dev posts exceed the encoder's maximum of 64 word pieces" in caplog.text
    assert "1 training quintuples cross a window boundary" in caplog.text
    assert "cuts a word" not in caplog.text
    kept = Extractor(Tagger.from_pretrained(f"{values['output']}/model"))
    posts = [*sample_posts(), long_post("longer")]
    assert score(posts, list(kept.stream(posts))).mner == scores.mner


def test_teachers_see_the_windows_too(values, tiny_model):
    write_posts(values["data"]["train"][0], [*sample_posts(), long_post("long")])
    values["teachers"] = [str(tiny_model)]
    values["training"]["epochs"] = 1
    assert train(RunConfig.parse(values)).posts == 8


def with_pictures(**changes):
    """Posts that name pictures; the last one has something more."""
    posts = [replace(post, alt_text=None, image=f"{post.id}.jpg") for post in sample_posts()]
    return [*posts[:7], replace(posts[7], **changes)]


WARNING = "posts name a picture, but no post has a visual graph"


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({}, True),
        ({"alt_text": "a man on a stage"}, False),
        ({"scene_graph": SceneGraph()}, False),
    ],
)
def test_pictures_that_nothing_shows_are_a_warning(values, tiny_model, changes, warned, caplog):
    write_posts(values["data"]["train"][0], with_pictures(**changes))
    values["training"]["epochs"] = 1
    train(RunConfig.parse(values))
    assert (f"8 training {WARNING}" in caplog.text) == warned
    sources = "visual.scenes, visual.images, or the posts' alt_text or scene_graph"
    assert (sources in caplog.text) == warned


@pytest.mark.parametrize(("changes", "warned"), [({}, True), ({"alt_text": "a man"}, False)])
def test_evaluation_warns_of_them_too(tmp_path, tiny_model, changes, warned, capsys):
    write_posts(tmp_path / "gold.jsonl", with_pictures(**changes))
    assert main(["evaluate", str(tiny_model), str(tmp_path / "gold.jsonl")]) == 0
    assert (WARNING in capsys.readouterr().err) == warned
