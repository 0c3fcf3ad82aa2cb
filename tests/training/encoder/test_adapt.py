"""An encoder reads posts before a task: what is masked, what is known, what is kept."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from builders import (
    random_batch,
    sample_posts,
    save_tiny_encoder,
    save_tiny_mpnet,
    tiny_encoder,
)
from jmere.cli import main
from jmere.config import parse_config
from jmere.data.jsonl import write_posts
from jmere.layers.encoder import WordEncoder
from jmere.records import Entity, Post
from jmere.tagger.encoder_folder import load_encoder
from jmere.tags import IGNORE, TagSet
from jmere.text.pieces import Pieces, PieceVocabulary
from jmere.text.shapes import SHAPES
from jmere.training.encoder import reader
from jmere.training.encoder.adapt import adapt
from jmere.training.encoder.adapt_config import AdaptConfig
from jmere.training.encoder.objectives import Adaptation, collate, masked, mean_loss, read
from jmere.training.run_file import load_run

RECIPES = Path(__file__).parents[3] / "recipes" / "bundled"
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


def tiny_adaptation(folder, *, encoder=save_tiny_encoder, **changes):
    """A config that reads the samples with a tiny encoder."""
    encoder(folder / "encoder")
    posts = sample_posts()
    write_posts(folder / "texts.jsonl", posts)
    known = [replace(post, quintuples=(), entities=post.all_entities()) for post in posts[:4]]
    write_posts(folder / "known.jsonl", known)
    write_posts(folder / "dev.jsonl", posts[6:])
    values = {
        "output": str(folder / "adapted"),
        "encoder": str(folder / "encoder"),
        "texts": [str(folder / "texts.jsonl")],
        "entities": [str(folder / "known.jsonl")],
        "outside": [str(folder / "dev.jsonl")],
        "epochs": 4,
        "batch_size": 2,
        **changes,
    }
    return AdaptConfig(**values)


@pytest.mark.parametrize("encoder", [save_tiny_encoder, save_tiny_mpnet])
def test_an_adapted_encoder_is_an_encoder(encoder, tmp_path, caplog):
    config = tiny_adaptation(tmp_path, encoder=encoder, epochs=8)
    with caplog.at_level("INFO", "jmere.training.encoder.adapt"):
        losses = adapt(config)
    assert losses[-1] < losses[0]
    assert "6 posts, 4 with entities" in caplog.text  # no text twice, and none of dev
    adapted = WordEncoder(load_encoder(tmp_path / "adapted"))
    assert adapted.shapes
    batch = random_batch([3], [1])
    assert adapted(batch).shape == (1, 3, 24)
    others = replace(batch, shapes=batch.shapes.clamp(min=2, max=2))
    assert not torch.allclose(adapted.eval()(others), adapted(batch))
    assert not (tmp_path / "adapted.part").exists()
    with pytest.raises(FileExistsError, match="already exists"):
        adapt(config)


def weights(folder):
    return {path.name: load_file(path) for path in folder.glob("*.safetensors")}


class CutShortError(Exception):
    """Stands for whatever ends a process."""


@pytest.mark.parametrize(
    ("encoder", "steps"),
    [(save_tiny_encoder, 1), (save_tiny_encoder, 12), (save_tiny_mpnet, 5), (save_tiny_mpnet, 7)],
)
def test_a_resumed_run_equals_an_unbroken_one(encoder, steps, tmp_path, monkeypatch):
    # Three steps an epoch: cut short before any checkpoint, in the last step, behind one that was
    # made within an epoch, and behind one at an epoch's end.
    whole, broken = (
        tiny_adaptation(
            tmp_path, encoder=encoder, output=str(tmp_path / name), checkpoint_steps=2, epochs=4
        )
        for name in ("whole", "broken")
    )
    losses = adapt(whole)
    count = 0

    def cut_short(batch, *arguments, **named):
        nonlocal count
        count += 1
        if count == steps:
            raise CutShortError
        return masked(batch, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(reader, "masked", cut_short)
        with pytest.raises(CutShortError):
            adapt(broken)
    assert not (tmp_path / "broken").exists()
    with pytest.raises(FileExistsError, match="pass --resume to continue it"):
        adapt(broken)
    torch.rand(7)  # another process has other random states
    assert adapt(broken, resume=True) == losses
    mine, other = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    assert mine.keys() == other.keys()
    for name, tensors in mine.items():
        assert all(torch.equal(tensors[key], other[name][key]) for key in tensors)


def begun(config, monkeypatch):
    """Begin a run that is cut short after its first epoch."""
    calls = iter(range(4))

    def cut_short(*arguments, **named):
        if next(calls) == 3:
            raise CutShortError
        return masked(*arguments, **named)

    monkeypatch.setattr(reader, "masked", cut_short)
    with pytest.raises(CutShortError):
        adapt(config)
    monkeypatch.undo()


def test_a_run_is_resumed_with_its_own_config_and_texts(tmp_path, monkeypatch):
    config = tiny_adaptation(tmp_path)
    begun(config, monkeypatch)
    with pytest.raises(ValueError, match="the run to resume had another config"):
        adapt(replace(config, epochs=9), resume=True)
    write_posts(tmp_path / "texts.jsonl", sample_posts()[:5])
    with pytest.raises(ValueError, match="the run to resume read other texts"):
        adapt(config, resume=True)


def to_old_layout(folder):
    """Turn a checkpoint into that of an adaptation by version 0.1."""
    (folder / "model.safetensors").rename(folder / "network.safetensors")
    states = json.loads((folder / "random_states_0.json").read_text(encoding="utf-8"))
    tensors = {
        new: torch.frombuffer(bytearray.fromhex(states[name]), dtype=torch.uint8)
        for name, new in (("torch", "cpu"), ("generator", "generator"))
    }
    save_file(tensors, folder / "random.safetensors")
    state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    old = {**state["progress"], "scaler": None, "schedule": {"last_epoch": state["steps"]}}
    (folder / "state.json").write_text(json.dumps({**old, "groups": []}), encoding="utf-8")
    for name in ("random_states_0.json", ".jmere.json"):
        (folder / name).unlink()


def test_a_checkpoint_of_version_0_1_is_resumed(tmp_path, monkeypatch):
    whole, broken = (
        tiny_adaptation(tmp_path, output=str(tmp_path / name)) for name in ("whole", "broken")
    )
    losses = adapt(whole)
    begun(broken, monkeypatch)
    to_old_layout(tmp_path / "broken.part" / "checkpoint")
    torch.rand(7)
    assert adapt(broken, resume=True) == losses
    mine, other = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    for name, tensors in mine.items():
        assert all(torch.equal(tensors[key], other[name][key]) for key in tensors)


def test_descriptions_are_read_as_texts(tmp_path, caplog):
    config = tiny_adaptation(tmp_path, epochs=1, descriptions=True)
    with caplog.at_level("INFO", "jmere.training.encoder.adapt"):
        adapt(config)
    assert "7 posts, 4 with entities" in caplog.text  # four posts have the same description


def test_a_command_adapts_resumes_and_says_in_one_line_what_is_wrong(tmp_path, monkeypatch, capsys):
    build = ["build", "encoder"]
    config = tiny_adaptation(tmp_path, epochs=2)
    begun(config, monkeypatch)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(asdict(config)), encoding="utf-8")
    assert main([*build, str(path)]) == 2
    assert main([*build, "--resume", str(path), "epochs=9"]) == 2
    assert main([*build, str(tmp_path / "none.yaml")]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("jmere: ")]
    assert len(lines) == 3
    assert "adapted.part: contains an interrupted run" in lines[0]
    assert "the run to resume had another config" in lines[1]
    assert "none.yaml" in lines[2]
    assert main([*build, str(path), "--resume"]) == 0
    assert (tmp_path / "adapted" / "config.json").is_file()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"masked": 0.0}, r"masked must be in \(0, 1\), got 0.0"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"checkpoint_steps": 0}, "checkpoint_steps must be at least 1"),
        ({"texts": []}, "texts or entities must name a file of posts"),
    ],
)
def test_a_wrong_choice_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        AdaptConfig(**{"output": "x", "encoder": "y", "texts": ["z"], **values})


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_adaptation_is_read(path):
    assert parse_config(AdaptConfig, load_run(path)).outside
