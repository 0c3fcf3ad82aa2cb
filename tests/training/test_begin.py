"""A run that goes on from a trained model: what it keeps, what is new, what it need not say."""

import dataclasses
import json
import logging

import pytest
import torch

from builders import SIZES, tiny_encoder
from jmere.cli import main
from jmere.config import override
from jmere.data.jsonl import write_posts
from jmere.files.whole import write_json
from jmere.records import Entity, Post, Quintuple
from jmere.tagger.tagger import Tagger
from jmere.tags import TagSet
from jmere.training.begin_tagger import begin_tagger
from jmere.training.run import train
from jmere.training.run_config import RunConfig
from jmere.training.tag_rows import shared_tags, take_weights, widened
from tiny_models import FORMS, name_of, tiny_config

OWN = TagSet(("dish", "per", "place"), ("cooks", "peer"))


@pytest.fixture
def values(trained_run, tiny_model, tmp_path):
    """A run from the tiny model to labels of its own, which says nothing of model and encoder."""
    kept = {key: trained_run[0][key] for key in ("data", "training")}
    write_json(tmp_path / "tags.json", OWN.to_json())
    return override(
        json.loads(json.dumps(kept)),
        [
            f"output={tmp_path / 'own'}",
            f"begin={tiny_model}",
            f"data.tags={tmp_path / 'tags.json'}",
        ],
    )


def test_choices_of_the_begun_model_need_not_be_said(values, tiny_model):
    run = RunConfig.parse(values)
    assert run.model == Tagger.from_pretrained(tiny_model).config.model
    assert run.graph_config() == Tagger.from_pretrained(tiny_model).config.graphs
    changed = RunConfig.parse(override(values, ["model.dropout=0.4"]))
    assert changed.model.choices.dropout == 0.4
    assert changed.model.choices.heads == run.model.choices.heads


def test_what_is_said_is_kept_and_read_again_alike(values):
    run = RunConfig.parse(override(values, ["model.heads=4", "encoder=mine"]))
    assert (run.model.choices.heads, run.encoder) == (4, "mine")
    assert RunConfig.parse(json.loads(json.dumps(run.to_json())), used=True) == run


def test_all_but_the_heads_is_kept_and_known_tags_are_too(values, tiny_model, caplog):
    with caplog.at_level(logging.INFO, "jmere"):
        tagger = begin_tagger(RunConfig.parse(values), OWN)
    assert "has other tags: 3 of 5 are new; known by name: per, peer" in caplog.text
    begun = Tagger.from_pretrained(tiny_model)
    mine, its = tagger.network.state_dict(), begun.network.state_dict()
    other = {name for name in mine if mine[name].shape != its[name].shape}
    assert other
    assert all(name.startswith("pairs.") for name in other)
    assert all(torch.equal(mine[name], its[name]) for name in mine.keys() - other)
    for own, old in [(0, 0), *((tag(OWN), tag(begun.tags)) for tag in (per, peer))]:
        assert torch.equal(mine["pairs.left.weight"][own], its["pairs.left.weight"][old])
    assert not any(
        torch.equal(mine["pairs.left.weight"][OWN.entity_id("dish")], row)
        for row in its["pairs.left.weight"]
    )


def per(tags):
    return tags.entity_id("per")


def peer(tags):
    return tags.relation_id("peer")


def test_tags_of_the_same_number_are_new_if_their_names_are(values, tiny_model):
    begun = Tagger.from_pretrained(tiny_model)
    named = TagSet(*([f"my {name}" for name in names] for names in begun.tags.to_json().values()))
    head = begin_tagger(RunConfig.parse(values), named).network.state_dict()["pairs.left.weight"]
    its = begun.network.state_dict()["pairs.left.weight"]
    assert torch.equal(head[0], its[0]), "none is none in every tag set"
    assert not any(torch.equal(*rows) for rows in zip(head[1:], its[1:], strict=True))


def test_nothing_that_belongs_to_its_tags_is_carried_over(values, tiny_model):
    tagger = begin_tagger(RunConfig.parse(values), OWN)
    assert tagger.tags == tagger.decoder.tags == OWN
    assert (tagger.decoder.signatures, tagger.decoder.calibration) == (None, None)
    begun = begin_tagger(RunConfig.parse({**values, "begin": "default"}), OWN)
    assert begun.visibility is None
    assert begun.decoder.options == RunConfig.parse(values).decoding
    assert begun.decoder.signatures is None


def test_the_dropout_is_the_runs(values):
    run = RunConfig.parse(override(values, ["model.dropout=0.4"]))
    rates = {
        module.p
        for module in begin_tagger(run, OWN).network.pairs.modules()
        if isinstance(module, torch.nn.Dropout)
    }
    assert rates == {0.4}


def test_own_labels_are_learned(values, tmp_path):
    def entity(text, kind, whole):
        start = whole.index(text)
        return Entity(text, kind, start, start + len(text))

    posts = []
    for index, (cook, dish) in enumerate([("Ada", "pie"), ("Bo", "soup"), ("Cleo", "trout")] * 2):
        text = f"{cook} cooks {dish} {'today' if index % 2 else 'again'}"
        link = Quintuple(entity(cook, "per", text), entity(dish, "dish", text), "cooks")
        posts.append(Post(text=text, id=f"p{index}", quintuples=(link,)))
    for part in ("train", "dev"):
        write_posts(tmp_path / f"{part}.jsonl", posts)
    values["data"] |= {
        "train": [str(tmp_path / "train.jsonl")],
        "dev": str(tmp_path / "dev.jsonl"),
    }
    assert train(RunConfig.parse(values)).jmere.f1 == 1
    assert Tagger.from_pretrained(tmp_path / "own" / "model").tags == OWN


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("model.heads=4", "model: differs from that of"),
        ("model.name=text", "model: differs from that of"),
        ("graphs.appearance=7", "graphs: differs from that of"),
        ("decoding.symmetric=true", "decoding.symmetric: differs from that of"),
        ("begin=gone", "begin: gone: no such model folder"),
        ("begin=3", "begin: expected the folder or hub id of a model, got 3"),
        ("model=eega", "model must be given, with its name"),
    ],
)
def test_what_does_not_fit_is_one_line(values, tmp_path, capsys, setting, message):
    del values["data"]["tags"]  # the posts have the model's own
    run = tmp_path / "run.yaml"
    run.write_text(json.dumps(values), encoding="utf-8")
    assert main(["train", str(run), "--set", setting]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert message in lines[-1]
    assert not (tmp_path / "own").exists()


def test_a_model_that_is_still_to_be_trained_is_no_fault_of_the_file(values, tmp_path):
    values |= {"begin": str(tmp_path / "to" / "come"), "model": {"name": "eega"}, "encoder": "mine"}
    assert RunConfig.parse(values).model.name == "eega"


@pytest.mark.parametrize("form", FORMS, ids=name_of)
def test_every_model_gets_heads_for_other_tags(form):
    """Each of its weights fits; those that do not depend on the tags are the trained ones."""
    old, new = TagSet(("a", "b"), ("r", "s", "t")), TagSet(("b", "c", "d"), ("s",))

    def network(tags):
        sizes = dataclasses.replace(SIZES, tags=len(tags), types=len(tags.entity_types))
        return tiny_config(form).build(tiny_encoder(), sizes)

    trained, fresh = network(old), network(new)
    take_weights(fresh, trained, network(widened(new)), shared_tags(new, old))
    mine, its = fresh.state_dict(), trained.state_dict()
    assert all(torch.equal(mine[name], its[name]) for name in mine if "encoder" in name)
    taken = [name for name in mine if torch.equal(mine[name], its[name])]
    assert len(taken) >= len(mine) - 16
