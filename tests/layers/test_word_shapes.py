"""Word shapes for encoders with and without token types; positions; folders."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    MPNetConfig,
    MPNetModel,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5EncoderModel,
)

from builders import alone, random_batch
from jmere.layers.encoder import WordEncoder, longest_text
from jmere.layers.word_shapes import (
    has_shapes,
    input_embedding,
    learn_shapes,
    read_pieces,
)
from jmere.tagger.encoder_folder import SHAPE_WEIGHTS, load_encoder, save_encoder
from jmere.training.optimizer import layers_below_top

SMALL = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 20,
}


def bert():
    return BertModel(BertConfig(**SMALL), add_pooling_layer=False)


def mpnet():
    return MPNetModel(MPNetConfig(**SMALL), add_pooling_layer=False)


def roberta():
    return RobertaModel(RobertaConfig(**SMALL), add_pooling_layer=False)


def distilbert():
    config = DistilBertConfig(
        vocab_size=40, dim=16, n_heads=2, hidden_dim=32, n_layers=2, max_position_embeddings=20
    )
    return DistilBertModel(config)


KINDS = [bert, mpnet, roberta, distilbert]


def made(kind, *, shapes=False):
    torch.manual_seed(3)
    transformer = kind()
    if shapes:
        learn_shapes(transformer)
        with torch.no_grad():
            shape_table(transformer).normal_()
    return transformer.eval()


def shape_table(transformer):
    embeddings = transformer.embeddings
    table = getattr(embeddings, "token_type_embeddings", None)
    return (table or embeddings.shape_embeddings).weight


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_change_nothing_until_they_are_learned(kind):
    batch = random_batch([4, 2], [1, 1])
    batch = replace(batch, piece_ids=batch.piece_ids.clamp(min=2))  # 1 is MPNet's padding
    plain = made(kind)
    before = WordEncoder(plain).eval()(batch)
    learn_shapes(plain)
    shaped = WordEncoder(plain).eval()
    assert shaped.shapes
    torch.testing.assert_close(shaped(batch), before)
    with torch.no_grad():
        shape_table(plain)[2] += 1
    others = replace(batch, shapes=batch.shapes.clamp(min=2, max=2) * batch.word_mask)
    assert not torch.allclose(shaped(others), before)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shapes", [False, True])
def test_padding_and_company_change_nothing(kind, shapes):
    encoder = WordEncoder(made(kind, shapes=shapes)).eval()
    batch = random_batch([6, 2, 4], [1, 1, 1])
    together = encoder(batch)
    for post, words in enumerate([6, 2, 4]):
        single = encoder(alone(batch, post))
        torch.testing.assert_close(together[post, :words], single[0], atol=1e-5, rtol=1e-4)
        assert together[post, words:].eq(0).all()


@pytest.mark.parametrize(
    ("kind", "longest"), [(bert, 20), (distilbert, 20), (mpnet, 18), (roberta, 18)]
)
@pytest.mark.parametrize("shapes", [False, True])
def test_the_longest_text_is_read_and_no_longer_one(kind, longest, shapes):
    transformer = made(kind, shapes=shapes)
    assert longest_text(transformer) == longest
    assert WordEncoder(transformer).longest == longest

    def reads(length):
        ids = torch.full((1, length), 7)
        zeros = torch.zeros_like(ids) if shapes else None
        embedded = input_embedding(transformer, ids)
        return read_pieces(transformer, embedded, torch.ones_like(ids, dtype=torch.bool), zeros)

    assert reads(longest).shape == (1, longest, 16)
    with pytest.raises((IndexError, RuntimeError)):
        reads(longest + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_an_encoders_folder_keeps_its_shapes(kind, tmp_path):
    transformer = made(kind, shapes=True)
    save_encoder(transformer, tmp_path)
    loaded = load_encoder(tmp_path).eval()
    assert has_shapes(loaded)
    torch.testing.assert_close(shape_table(loaded), shape_table(transformer))
    batch = random_batch([4, 2], [1, 1])
    torch.testing.assert_close(WordEncoder(loaded)(batch), WordEncoder(transformer)(batch))
    own = kind in (mpnet, distilbert)
    assert (tmp_path / SHAPE_WEIGHTS).exists() == own
    assert not any("shape" in name for name in load_file(tmp_path / "model.safetensors"))
    learn_shapes(loaded)  # what goes on learning keeps what it knows
    torch.testing.assert_close(shape_table(loaded), shape_table(transformer))


def test_an_encoder_without_shapes_has_none_in_its_folder(tmp_path):
    save_encoder(made(mpnet), tmp_path)
    assert not has_shapes(load_encoder(tmp_path))
    assert not (tmp_path / SHAPE_WEIGHTS).exists()


def test_shapes_that_are_missing_or_of_another_size_are_told(tmp_path):
    transformer = made(mpnet, shapes=True)
    save_encoder(transformer, tmp_path)
    (tmp_path / SHAPE_WEIGHTS).rename(tmp_path / "away")
    with pytest.raises(ValueError, match=r"no shapes\.safetensors, but its config has"):
        load_encoder(tmp_path)
    other = mpnet()
    other.embeddings.shape_embeddings = torch.nn.Embedding(3, 16)
    save_encoder(other, tmp_path / "other")
    (tmp_path / "other" / SHAPE_WEIGHTS).rename(tmp_path / SHAPE_WEIGHTS)
    with pytest.raises(ValueError, match=r"shapes\.safetensors: does not fit the encoder"):
        load_encoder(tmp_path)
    (tmp_path / SHAPE_WEIGHTS).write_bytes(b"no weights")
    with pytest.raises(ValueError, match=r"shapes\.safetensors: damaged"):
        load_encoder(tmp_path)


def test_shapes_are_of_the_lowest_layer():
    named = made(mpnet, shapes=True)
    below = dict(layers_below_top(named))
    assert below[shape_table(named)] == below[named.embeddings.word_embeddings.weight]


def test_an_encoder_without_embeddings_of_a_known_form_has_no_shapes():
    config = T5Config(vocab_size=40, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
    with pytest.raises(ValueError, match="word shapes are not supported for encoders of type t5"):
        learn_shapes(T5EncoderModel(config))
