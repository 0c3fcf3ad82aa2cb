"""The bundled model's encoder by its name."""

import pytest
import torch

from jmere.files.packaged import find_config
from jmere.tagger.encoder_folder import load_encoder
from jmere.tagger.folder import find_folder
from jmere.tagger.model_encoder import encoder_of, unpack_encoder
from jmere.tagger.tagger import Tagger
from jmere.tags import TagSet
from jmere.text.pieces import PieceTokenizer
from jmere.training.run_config import RunConfig
from jmere.training.run_file import load_run


def test_default_is_the_encoder_of_the_bundled_model():
    folder = encoder_of("default")
    found = load_encoder(folder).state_dict()
    tagger = Tagger.from_pretrained("default")
    expected = tagger.network.encoder.transformer.state_dict()
    assert {name for name in found if not name.startswith("pooler.")} == set(expected)
    assert all(torch.equal(found[name], weights) for name, weights in expected.items())
    words = ("Ada", "met", "Alan")
    mine, own = PieceTokenizer.load(folder), tagger.prepare.pieces
    assert mine.split([words])[0].ids == own.split([words])[0].ids


def test_it_is_unpacked_once():
    model = find_folder("default")
    first = unpack_encoder(model)
    stamp = (first / "model.safetensors").stat().st_mtime_ns
    assert unpack_encoder(model) == first
    assert (first / "model.safetensors").stat().st_mtime_ns == stamp
    assert [path for path in first.parent.iterdir() if path != first] == []


def test_another_name_is_left_as_it_is():
    assert encoder_of("some/encoder") == "some/encoder"


def test_the_encoder_of_a_trained_model_is_its_own(tiny_model):
    found = load_encoder(unpack_encoder(tiny_model)).state_dict()
    expected = Tagger.from_pretrained(tiny_model).network.encoder.transformer.state_dict()
    assert all(torch.equal(found[name], weights) for name, weights in expected.items())


@pytest.mark.parametrize("name", ["finetune", "starter", "crowded"])
def test_run_files_that_go_on_fit_the_bundled_model(name):
    run = RunConfig.parse(load_run(find_config(name, "runs")))
    assert run.begin == "default"
    bundled = Tagger.from_pretrained("default")
    assert without_dropout(run.model) == without_dropout(bundled.config.model)
    assert run.graph_config() == bundled.config.graphs
    assert run.decoding.symmetric == bundled.batch.symmetric
    assert TagSet.load(run.data.tags) == bundled.tags


def without_dropout(model):
    return {**model.to_json(), "dropout": None}
