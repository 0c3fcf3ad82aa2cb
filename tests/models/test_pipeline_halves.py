"""The halves of a pipeline: chosen each by its own score, the second taken from another run."""

import json
from pathlib import Path

import pytest
import torch

from builders import random_batch, sample_posts, tiny_run
from jmere.evaluation.scores import score
from jmere.models.tagging import LossConfig, total_loss
from jmere.tagger.tagger import Tagger
from jmere.tagger.weights import load_weights
from jmere.training import loop
from jmere.training.claim import MODEL
from jmere.training.halves import half_scores, keep_halves
from jmere.training.run import train
from jmere.training.run_config import RunConfig
from jmere.training.selection import improved
from tiny_models import CHOICES, tiny_model


def pipeline_run(folder, **training):
    values = tiny_run(folder, **training)
    values["model"] = {"name": "pipeline", **CHOICES["pipeline"]}
    return values


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A pipeline trained for an epoch: its run's values."""
    values = pipeline_run(tmp_path_factory.mktemp("pipeline"), epochs=1)
    train(RunConfig.parse(values))
    return values


def half(folder, relations):
    """The weights of one half of a model folder."""
    weights = load_weights(folder / "model.safetensors")
    return {name: w for name, w in weights.items() if name.startswith("relations.") == relations}


def equal(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


def test_a_half_is_kept_where_it_was_best(trained, tmp_path):
    tagger = Tagger.from_pretrained(f"{trained['output']}/{MODEL}")
    keep_halves(tagger, tmp_path / "kept", {"entities", "relations"}, precision="float32")
    before = {relations: half(tmp_path / "kept", relations) for relations in (True, False)}
    with torch.no_grad():
        for parameter in tagger.network.parameters():
            parameter.add_(1.0)
    now = {name: tensor.clone() for name, tensor in tagger.network.state_dict().items()}
    keep_halves(tagger, tmp_path / "kept", {"relations"}, precision="float32")
    assert equal(half(tmp_path / "kept", relations=False), before[False])
    assert not equal(half(tmp_path / "kept", relations=True), before[True])
    assert equal(now, tagger.network.state_dict())  # training goes on from where it was


def test_only_what_got_better_is_kept():
    assert improved({"entities": 0.2, "relations": 0.1}, {}) == {"entities", "relations"}
    best = {"entities": 0.3, "relations": 0.1}
    assert improved({"entities": 0.2, "relations": 0.4}, best) == {"relations"}
    assert not improved(best, best)


def test_each_half_is_kept_from_its_own_epoch(tmp_path, monkeypatch):
    """The entities are best in the first epoch, the relations in the second."""
    epochs = iter([{"entities": 0.9, "relations": 0.1}, {"entities": 0.5, "relations": 0.6}])
    states = []

    def scores(network, *_):
        states.append({name: tensor.clone() for name, tensor in network.state_dict().items()})
        return next(epochs)

    monkeypatch.setattr(loop, "half_scores", scores)
    values = pipeline_run(tmp_path, epochs=2, patience=2)
    train(RunConfig.parse(values))
    folder = tmp_path / "run" / MODEL
    entities, relations = half(folder, relations=False), half(folder, relations=True)
    assert equal(entities, states[0])
    assert not equal(entities, states[1])
    assert equal(relations, states[1])
    assert not equal(relations, states[0])
    state = json.loads((tmp_path / "run" / "checkpoint" / "state.json").read_text())
    assert state["progress"]["halves"] == {"entities": 0.9, "relations": 0.6}
    assert (state["progress"]["f1"], state["progress"]["best_epoch"]) == (0.6, 2)


def test_relations_of_gold_entities_do_not_depend_on_the_entities_half():
    model = tiny_model(("pipeline", {})).eval()
    batch = random_batch([6], [2])
    batch.gold[:] = 0
    batch.gold[0, 0, 0], batch.gold[0, 3, 3], batch.gold[0, 0, 3] = 1, 2, 5
    with model.gold_entities():
        before = model(batch).scores
    with torch.no_grad():
        for parameter in model.entities.parameters():
            parameter.normal_()
    with model.gold_entities():
        after = model(batch).scores
    assert torch.equal(before, after)
    tags = before[0].argmax(dim=-1)
    assert (tags[0, 0], tags[3, 3]) == (1, 2)


def test_a_half_that_was_taken_has_no_score_of_its_own():
    network = tiny_model(("pipeline", {}))
    posts = sample_posts()
    perfect = score(posts, posts, "directed")
    assert half_scores(network, perfect, perfect) == {"entities": 1.0, "relations": 1.0}
    network.take_relations(network.relations.state_dict())
    assert half_scores(network, perfect, perfect) == {"entities": 1.0}


def test_the_relation_half_is_taken_as_it_is(trained, tmp_path):
    folder = f"{trained['output']}/{MODEL}"
    values = pipeline_run(tmp_path, epochs=2)
    values["model"]["entities"] = {"name": "mega", "object_width": 8}
    values["model"]["relations"] = {**values["model"]["relations"], "trained": folder}
    train(RunConfig.parse(values))
    mine = half(tmp_path / "run" / MODEL, relations=True)
    assert equal(mine, half(Path(folder), relations=True))
    log = (tmp_path / "run" / "log.csv").read_text().splitlines()
    assert "entities" in log[0].split(",")
    assert "relations" not in log[0].split(",")


def test_what_is_taken_is_not_learned():
    model = tiny_model(("pipeline", {})).train()
    model.take_relations(model.relations.state_dict())
    batch = random_batch([6], [2])
    batch.gold[:] = 0
    batch.gold[0, 0, 0], batch.gold[0, 3, 3], batch.gold[0, 0, 3] = 1, 2, 5
    losses = total_loss(model(batch), batch.gold, LossConfig())
    assert losses.keys() == {"total", "entities"}
    losses["total"].backward()
    assert all(parameter.grad is None for parameter in model.relations.parameters())


def test_a_half_of_another_kind_is_refused(trained, trained_run, tmp_path):
    def refused(folder, **relations):
        values = pipeline_run(tmp_path, epochs=1)
        given = {**values["model"]["relations"], "trained": str(folder), **relations}
        values["model"]["relations"] = given
        with pytest.raises(ValueError, match=r"model\.relations\.trained") as error:
            train(RunConfig.parse(values))
        return str(error.value)

    assert "expected a pipeline, found 'eega'" in refused(Path(trained_run[0]["output"]) / MODEL)
    folder = f"{trained['output']}/{MODEL}"
    assert "its relations differ from this run's" in refused(folder, object_width=9)
