"""Pipelines: the entities first, their relations after."""

from dataclasses import replace

import pytest
import torch

from builders import alone, random_batch, sample_posts, tiny_run
from jmere import Extractor
from jmere.models.pipeline import PipelineConfig
from jmere.models.tagging import LossConfig, total_loss
from jmere.training.optimizer import optimizer_for
from jmere.training.run import train
from jmere.training.run_config import RunConfig, TrainingConfig
from tiny_models import CHOICES, tiny_config, tiny_model

WORDS, OBJECTS = [7, 3, 5, 1], [4, 2, 0, 1]


def gold_batch():
    """Posts whose gold grids are grids: two entities and a relation in the first two."""
    batch = random_batch(WORDS, OBJECTS)
    batch.gold[:] = torch.where(batch.gold == -100, -100, 0)
    for post in (0, 1):
        batch.gold[post, 0, 0], batch.gold[post, 2, 2], batch.gold[post, 0, 2] = 1, 2, 4
    return batch


def test_each_half_learns_by_its_own_loss_alone():
    model, batch = tiny_model(("pipeline", {})).train(), gold_batch()
    losses = total_loss(model(batch), batch.gold, LossConfig())
    assert losses.keys() == {"total", "entities", "relations"}
    for loss, half in (("entities", False), ("relations", True)):
        model.zero_grad()
        losses[loss].backward(retain_graph=True)
        learned = {name for name, p in model.named_parameters() if p.grad is not None}
        assert learned
        assert all(name.startswith("relations.") == half for name in learned)


def test_a_post_without_a_pair_has_no_relation_loss():
    model, batch = tiny_model(("pipeline", {})).train(), gold_batch()
    loss = model(batch).auxiliary["relations"]
    assert (loss > 0).tolist() == [True, True, False, False]


def test_losses_are_the_same_alone_and_in_company():
    model, batch = tiny_model(("pipeline", {})).train(), gold_batch()
    together = model(batch).auxiliary
    for post in range(len(WORDS)):
        single = model(alone(batch, post)).auxiliary
        for name, values in together.items():
            torch.testing.assert_close(single[name][0], values[post], atol=1e-4, rtol=1e-3)


def test_predicting_looks_at_no_gold():
    model, batch = tiny_model(("pipeline", {})).eval(), gold_batch()
    with_gold, without = model(batch), model(replace(batch, gold=None))
    assert torch.equal(with_gold.scores, without.scores)
    assert not with_gold.auxiliary


def test_both_encoders_have_the_learning_rate_of_encoders():
    model = tiny_model(("pipeline", {}))
    settings = TrainingConfig(encoder_learning_rate=1e-5, learning_rate=1e-3)
    rates = {
        parameter: group["lr"]
        for group in optimizer_for(model, settings).param_groups
        for parameter in group["params"]
    }
    for name, parameter in model.named_parameters():
        expected = 1e-5 if "encoder.transformer." in name else 1e-3
        assert rates[parameter] == expected, name


def test_a_pipeline_trains_and_extracts_like_any_model(tmp_path):
    values = tiny_run(tmp_path, epochs=60, patience=60, batch_size=8)
    values["model"] = {"name": "pipeline", **CHOICES["pipeline"]}
    values["model"]["entities"] = {
        key: value for key, value in {"name": "umgf", **CHOICES["umgf"]}.items() if key != "pairs"
    }
    assert train(RunConfig.parse(values)).jmere.f1 > 0.9
    extractor = Extractor.from_pretrained(tmp_path / "run" / "model", backend="torch")
    assert extractor.tagger.config.model.choices.entities["name"] == "umgf"
    posts = sample_posts()
    found = extractor.stream(posts)
    right = [set(f.quintuples) == set(p.quintuples) for f, p in zip(found, posts, strict=True)]
    assert sum(right) >= 7


def test_every_choice_of_the_entity_model_is_written_out():
    config = PipelineConfig(entities={"name": "umgf", "layers": 2})
    assert config.entities["layers"] == 2
    assert config.entities["heads"] == 8
    assert "pairs" not in config.entities
    assert PipelineConfig(entities=config.entities) == config


@pytest.mark.parametrize(
    ("entities", "message"),
    [
        ({"name": "umgv"}, r"unknown model\.entities\.name 'umgv'; did you mean 'umgf'\?"),
        ({}, r"unknown model\.entities\.name None"),
        ({"name": "umgf", "layer": 2}, r"unknown key 'model\.entities\.layer'; did you mean"),
        (
            {"name": "umgf", "pairs": {}},
            r"model\.entities\.pairs: a pipeline has no word-pair head",
        ),
    ],
)
def test_a_wrong_entity_model_is_refused(entities, message):
    with pytest.raises(ValueError, match=message):
        tiny_config(("pipeline", {"entities": entities}))
