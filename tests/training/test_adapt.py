"""An encoder reads posts before a task: what is masked, what is known, what is kept."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModel, DistilBertConfig, DistilBertModel

from builders import random_batch, sample_posts, save_tiny_encoder, tiny_encoder
from jmere.configs import load_yaml, parse_config
from jmere.data.jsonl import write_posts
from jmere.grid.encode import IGNORE
from jmere.layers.encoder import WordEncoder, learn_shapes
from jmere.records import Entity, Post
from jmere.tags import TagSet
from jmere.text.pieces import Pieces, PieceVocabulary
from jmere.text.shapes import SHAPES
from jmere.training.adapt import AdaptConfig, adapt
from jmere.training.adaptation import Adaptation, collate, masked, mean_loss, read

CONFIGS = Path(__file__).parents[2] / "configs" / "adapt"
TAGS = TagSet.load()
POST = Post(tokens=["Ada", "Lovelace", "met", "#nasa"], entities=[Entity("", "per", 0, 12)])
PIECES = Pieces((2, 7, 8, 8, 9, 10, 3), (-1, 0, 1, 1, 2, 3, -1))


def test_a_word_says_whether_an_entity_begins_or_goes_on():
    known = read(POST, PIECES, TAGS)
    per = TAGS.entity_id("per")
    assert known.labels == (2 * per - 1, 2 * per, 0, 0)
    assert read(POST, PIECES, None).labels is None


def test_a_piece_has_the_shape_of_its_word():
    names = [SHAPES[shape] for shape in read(POST, PIECES, None).shapes]
    assert names == [
        "none", "capitalised", "capitalised", "capitalised", "lower", "hashtag", "none",
    ]  # fmt: skip


def test_of_the_words_pieces_a_share_is_hidden():
    batch = collate([read(POST, PIECES, None)] * 200)
    draw = torch.Generator().manual_seed(0)
    hidden = masked(batch, PieceVocabulary(100, 4), share=0.3, generator=draw)
    was = hidden.masked_ids != IGNORE
    assert not was[:, [0, -1]].any()
    assert was.float().mean() == pytest.approx(0.3 * 5 / 7, abs=0.03)
    assert (hidden.ids[was] == 4).float().mean() == pytest.approx(0.8, abs=0.05)
    assert torch.equal(hidden.masked_ids[was], batch.ids[was])
    assert torch.equal(hidden.ids[~was], batch.ids[~was])


def test_padding_and_posts_without_entities_have_no_labels():
    short = read(Post(tokens=["hi"]), Pieces((2, 7, 3), (-1, 0, -1)), TAGS)
    batch = collate([short, read(POST, PIECES, None)])
    assert batch.labels.tolist() == [[0, IGNORE, IGNORE, IGNORE], [IGNORE] * 4]
    assert batch.piece_words[0].tolist() == [4, 0, 4, 4, 4, 4, 4]
    assert batch.mask.sum(dim=1).tolist() == [3, 7]


def test_nothing_to_learn_costs_nothing():
    nothing = torch.full((3,), IGNORE)
    assert mean_loss(torch.randn(3, 5), nothing) == 0


def test_gradients_are_finite_with_padding():
    short = read(Post(tokens=["hi"]), Pieces((2, 7, 3), (-1, 0, -1)), TAGS)
    batch = collate([short, read(POST, PIECES, TAGS)])
    draw = torch.Generator().manual_seed(1)
    batch = masked(batch, PieceVocabulary(40, 4), share=0.5, generator=draw)
    network = Adaptation(tiny_encoder().transformer, labels=9)
    sum(network(batch)).backward()
    assert all(
        parameter.grad is None or parameter.grad.isfinite().all()
        for parameter in network.parameters()
    )


def test_shapes_change_nothing_until_they_are_learned():
    plain = tiny_encoder().eval()
    batch = random_batch([4, 2], [1, 1])
    before = plain(batch)
    learn_shapes(plain.transformer)
    shaped = WordEncoder(plain.transformer).eval()
    torch.testing.assert_close(shaped(batch), before)
    with torch.no_grad():
        plain.transformer.embeddings.token_type_embeddings.weight[2] += 1
    others = replace(batch, shapes=batch.shapes.clamp(min=2, max=2) * batch.word_mask)
    assert not torch.allclose(shaped(others), before)


def test_an_encoder_without_token_types_has_no_shapes():
    config = DistilBertConfig(dim=8, n_heads=2, hidden_dim=8, n_layers=1, vocab_size=10)
    with pytest.raises(ValueError, match="word shapes need token types, which 'distilbert' has"):
        learn_shapes(DistilBertModel(config))


def test_an_adapted_encoder_is_an_encoder(tmp_path, caplog):
    save_tiny_encoder(tmp_path / "encoder")
    posts = sample_posts()
    write_posts(tmp_path / "texts.jsonl", posts)
    known = [replace(post, quintuples=(), entities=post.all_entities()) for post in posts[:4]]
    write_posts(tmp_path / "known.jsonl", known)
    write_posts(tmp_path / "dev.jsonl", posts[6:])
    config = AdaptConfig(
        output=str(tmp_path / "adapted"),
        encoder=str(tmp_path / "encoder"),
        texts=[str(tmp_path / "texts.jsonl")],
        entities=[str(tmp_path / "known.jsonl")],
        outside=[str(tmp_path / "dev.jsonl")],
        epochs=8,
        batch_size=2,
    )
    with caplog.at_level("INFO", "jmere.training.adapt"):
        losses = adapt(config)
    assert losses[-1] < losses[0]
    assert "6 posts, 4 with entities" in caplog.text  # no text twice, and none of dev
    adapted = WordEncoder(AutoModel.from_pretrained(tmp_path / "adapted"))
    assert adapted.shapes
    assert adapted(random_batch([3], [1])).shape == (1, 3, 24)
    with pytest.raises(FileExistsError, match="is there already"):
        adapt(config)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"masked": 0.0}, r"masked must be in \(0, 1\), got 0.0"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"texts": []}, "texts or entities must name a file of posts"),
    ],
)
def test_a_wrong_choice_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        AdaptConfig(**{"output": "x", "encoder": "y", "texts": ["z"], **values})


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_adaptation_is_read(path):
    assert parse_config(AdaptConfig, load_yaml(path)).outside
