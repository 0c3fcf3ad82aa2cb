from dataclasses import replace

import pytest
import torch

from builders import tiny_run
from jmere import Extractor, Post, SceneGraph, SceneObject
from jmere.inputs.prepare import windows_of
from jmere.tagger.tagger import Tagger
from jmere.training.centre import centre_taken
from jmere.training.run import train
from jmere.training.run_config import RunConfig

TEXTS = ("Messi won in London", "Ann sleeps in Rome", "London is in England")
SCENES = [SceneGraph((SceneObject(name), SceneObject("ball"))) for name in ("man", "dog", "car")]


def shown(tagger):
    """Posts with a picture, prepared."""
    return windows_of(tagger.prepare([Post(text=text) for text in TEXTS], SCENES))


def taken(tagger, posts):
    """What each word of these posts takes from the objects."""
    rows = []
    project = tagger.network.cross.attend.out_proj
    hook = project.register_forward_hook(lambda _, __, output: rows.append(output[0]))
    for post in posts:
        tagger.scorer(tagger.batch([post]))
    hook.remove()
    return torch.cat(rows)


def test_on_average_nothing_is_taken(tiny_model):
    tagger = Tagger.from_pretrained(tiny_model)
    posts = shown(tagger)
    before = taken(tagger, posts)
    assert centre_taken(tagger, posts, batch_size=2) == len(posts)
    after = taken(tagger, posts)
    assert after.mean(dim=0).norm() < 1e-5 < before.mean(dim=0).norm()
    torch.testing.assert_close(after, before - before.mean(dim=0), atol=1e-5, rtol=0)


def test_a_centred_model_stays_as_it_is(tiny_model):
    tagger = Tagger.from_pretrained(tiny_model)
    posts = shown(tagger)
    centre_taken(tagger, posts, batch_size=2)
    bias = tagger.network.cross.attend.out_proj.bias.detach().clone()
    centre_taken(tagger, posts, batch_size=3)
    assert torch.equal(tagger.network.cross.attend.out_proj.bias, bias)


def test_posts_without_objects_change_nothing(tiny_model):
    tagger = Tagger.from_pretrained(tiny_model)
    bias = tagger.network.cross.attend.out_proj.bias.detach().clone()
    posts = windows_of(tagger.prepare([Post(text=TEXTS[0])]))
    assert centre_taken(tagger, posts, batch_size=2) == 0
    assert torch.equal(tagger.network.cross.attend.out_proj.bias, bias)


def test_without_a_picture_results_stay(tiny_model):
    tagger = Tagger.from_pretrained(tiny_model)
    before = Extractor(tagger)(TEXTS)
    centre_taken(tagger, shown(tagger), batch_size=2)
    assert Extractor(tagger)(TEXTS) == before


def test_another_model_is_refused(tiny_model):
    tagger = Tagger.from_pretrained(tiny_model)
    tagger.scorer.network = torch.nn.Linear(2, 2)
    with pytest.raises(ValueError, match="expected a model of the kind eega"):
        centre_taken(tagger, [], batch_size=2)


def test_a_run_centres_its_model(tmp_path, caplog):
    values = tiny_run(tmp_path, epochs=1, centre=4)
    with caplog.at_level("INFO"):
        train(RunConfig.parse(values))
    assert "is centred over" in caplog.text
    config = RunConfig.parse(values)
    with pytest.raises(ValueError, match=r"training\.centre"):
        replace(config.training, centre=-1)
