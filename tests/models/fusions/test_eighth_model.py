"""A model more is one file and one line: this file is the one, the fixture the other."""

from dataclasses import dataclass, field

import pytest
from torch import nn

from builders import sample_posts, tiny_run
from jmere import Extractor
from jmere.layers.encoder import masked_mean
from jmere.models.fusions.base import Fused, Fuser
from jmere.models.fusions.pair_config import PairConfig
from jmere.models.registry import FUSIONS, RECIPES, in_word_pairs
from jmere.training.run import train
from jmere.training.run_config import RunConfig


@dataclass(frozen=True, kw_only=True)
class MeanConfig:
    """The choices of a model that adds the mean of the objects' labels to each word."""

    weight: float = 1.0
    pairs: PairConfig = field(default_factory=PairConfig)


class Mean(nn.Module):
    """Every word with the mean of the labels."""

    def __init__(self, width, weight):
        super().__init__()
        self.width, self.weight = width, weight

    def forward(self, words, labels, batch):
        """Add the mean."""
        return Fused(words + self.weight * masked_mean(labels, batch.object_mask)[:, None])


def fuse(config, hidden, sizes):
    """Turn a config into the fusion."""
    return Mean(hidden, config.weight)


@pytest.fixture
def eighth(monkeypatch):
    fuser = Fuser(MeanConfig, fuse)
    monkeypatch.setitem(FUSIONS, "mean", fuser)
    monkeypatch.setitem(RECIPES, "mean", in_word_pairs(fuser))


@pytest.mark.usefixtures("eighth")
def test_an_eighth_model_trains_and_extracts_like_the_others(tmp_path):
    values = tiny_run(tmp_path, epochs=60, patience=60, batch_size=8)
    values["model"] = {"name": "mean", "weight": 0.5, "pairs": {"form": "biaffine", "width": 8}}
    scores = train(RunConfig.parse(values))
    assert scores.jmere.f1 > 0.9

    extractor = Extractor.from_pretrained(tmp_path / "run" / "model", backend="torch")
    assert extractor.tagger.config.model.choices == MeanConfig(
        weight=0.5, pairs=PairConfig(form="biaffine", width=8)
    )
    posts = sample_posts()
    found = extractor.stream(posts)
    right = [set(f.quintuples) == set(p.quintuples) for f, p in zip(found, posts, strict=True)]
    assert sum(right) >= 7
