"""An encoder without token types all the way: adapted, trained, saved, read again."""

import json

import pytest
import torch

from builders import sample_posts, save_tiny_mpnet, tiny_run
from jmere.data.jsonl import write_posts
from jmere.inputs.prepare import windows_of
from jmere.records import Post
from jmere.tagger.encoder_folder import load_encoder
from jmere.tagger.tagger import Tagger
from jmere.training.encoder.adapt import adapt
from jmere.training.encoder.adapt_config import AdaptConfig
from jmere.training.run import train
from jmere.training.run_config import RunConfig


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run over an adapted MPNet, trained for three epochs."""
    folder = tmp_path_factory.mktemp("shaped")
    save_tiny_mpnet(folder / "mpnet")
    write_posts(folder / "texts.jsonl", sample_posts())
    adapted = folder / "adapted"
    adapt(
        AdaptConfig(
            output=str(adapted),
            encoder=str(folder / "mpnet"),
            texts=[str(folder / "texts.jsonl")],
            epochs=2,
            batch_size=4,
        )
    )
    values = {**tiny_run(folder), "encoder": str(adapted)}
    train(RunConfig.parse(values))
    return folder


def shapes_of(transformer):
    return transformer.embeddings.shape_embeddings.weight.detach()


def test_a_training_goes_on_with_the_shapes_of_the_adaptation(run):
    adapted = shapes_of(load_encoder(run / "adapted"))
    trained = shapes_of(Tagger.from_pretrained(run / "run" / "model").network.encoder.transformer)
    assert adapted[1:3].abs().min() > 0
    assert not torch.equal(adapted, trained)
    torch.testing.assert_close(adapted, trained, atol=0.1, rtol=0)


def test_its_model_folder_is_read_back_and_tells_capitals_apart(run, tmp_path):
    tagger = Tagger.from_pretrained(run / "run" / "model")
    tagger.save_pretrained(tmp_path / "copy")
    again = Tagger.from_pretrained(tmp_path / "copy")

    def scores(tagger, words):
        return tagger.scores(
            tagger.batch(windows_of(tagger.prepare([Post(tokens=words, id="a")])))
        ).grids

    proper, plain = ["Ada", "lives", "in", "London"], ["ada", "lives", "in", "london"]
    assert (scores(again, proper) == scores(tagger, proper)).all()
    assert (scores(tagger, proper) != scores(tagger, plain)).any()
    config = json.loads((tmp_path / "copy" / "config.json").read_text(encoding="utf-8"))
    assert config["encoder"]["word_shapes"] is True


def test_a_post_has_two_pieces_less_than_there_are_positions(run):
    tagger = Tagger.from_pretrained(run / "run" / "model")
    assert tagger.prepare.longest == 66 - 2
    fits = Post(tokens=["london"] * 62, id="long")
    assert tagger.scores(tagger.batch(windows_of(tagger.prepare([fits])))).grids.shape[1] == 62
    with pytest.raises(ValueError, match="has 65 word pieces, but the encoder takes at most 64"):
        tagger.prepare([Post(tokens=["london"] * 63, id="long")], on_long="raise")
