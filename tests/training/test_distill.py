"""Learning from other models, and from none, some or others' pictures."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from builders import sample_posts, tiny_run
from jmere.data.jsonl import write_posts
from jmere.evaluation.gold import extract_gold
from jmere.evaluation.scores import score
from jmere.extract import Extractor
from jmere.inputs.prepare import windows_of
from jmere.models.tagging import LossConfig, Tagging, post_losses, total_loss
from jmere.records import Entity, Post, Quintuple
from jmere.tagger.tagger import Tagger
from jmere.tags import IGNORE, TagSet
from jmere.training.distill import teacher_probabilities
from jmere.training.run import prepare_tagger, train
from jmere.training.run_config import RunConfig

TAGS = TagSet.load()


def opinions(tiny_model, posts):
    tagger = Tagger.from_pretrained(tiny_model)
    ready = windows_of(tagger.prepare(posts))
    return teacher_probabilities(
        [str(tiny_model)], ready, tags=tagger.tags, symmetric=False
    ), tagger


def test_opinions_are_shares_of_the_tags_of_each_pair(tiny_model):
    posts = sample_posts()
    found, tagger = opinions(tiny_model, posts)
    for opinion, ready in zip(found, windows_of(tagger.prepare(posts)), strict=True):
        words = len(ready.words)
        assert opinion.shape == (words, words, len(tagger.tags))
        np.testing.assert_allclose(opinion.sum(axis=-1), 1, atol=2e-3)


def test_two_of_one_opinion_are_of_it_still(tiny_model):
    posts = sample_posts()
    one, tagger = opinions(tiny_model, posts)
    two = teacher_probabilities(
        [str(tiny_model)] * 2, windows_of(tagger.prepare(posts)),
        tags=tagger.tags, symmetric=False,
    )  # fmt: skip
    for mine, theirs in zip(one, two, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-3)


def test_a_teacher_of_another_form_is_refused(tiny_model):
    with pytest.raises(ValueError, match=r"teachers: .* has other tags or another form of grid"):
        teacher_probabilities([str(tiny_model)], [], tags=TAGS, symmetric=True)


def grids(words=3, tags=5):
    draw = torch.Generator().manual_seed(0)
    scores = torch.randn(1, words, words, tags, generator=draw)
    gold = torch.randint(tags, (1, words, words), generator=draw)
    return scores, gold, torch.nn.functional.one_hot(gold, tags).float()


def test_to_be_taught_the_gold_is_to_learn_the_gold():
    scores, gold, certain = grids()
    plain = post_losses(scores, gold, LossConfig())
    for share in (0.0, 0.4, 1.0):
        config = LossConfig(taught_share=share)
        torch.testing.assert_close(post_losses(scores, gold, config, certain), plain)
    nothing = torch.full_like(gold, IGNORE)
    torch.testing.assert_close(post_losses(scores, nothing, LossConfig(), certain), plain)


def test_who_has_no_opinion_changes_nothing():
    scores, gold, certain = grids()
    alone = post_losses(scores, gold, LossConfig())
    both = post_losses(
        scores.repeat(2, 1, 1, 1), gold.repeat(2, 1, 1), LossConfig(),
        torch.cat([torch.zeros_like(certain), certain.roll(1, dims=-1)]),
    )  # fmt: skip
    torch.testing.assert_close(both[0], alone[0])
    assert both[1] != alone[0]


def test_decisions_cannot_be_taught():
    scores, gold, certain = grids()
    with pytest.raises(ValueError, match="cannot be distilled from other models"):
        total_loss(Tagging(scores, decided=True), gold, LossConfig(), certain)


def test_posts_without_annotation_are_learned_from_a_teacher(trained_run, tiny_model, tmp_path):
    """The others' annotation is of a tag set that nobody knows, so it cannot be looked at."""
    values = {**trained_run[0], "output": str(tmp_path / "pupil"), "teachers": [str(tiny_model)]}
    posts = sample_posts()
    write_posts(tmp_path / "one.jsonl", posts[:1])
    write_posts(tmp_path / "bare.jsonl", [foreign(post) for post in posts[1:]])
    unlikely = Quintuple(Entity("Nobody", "org", 0, 6), Entity("here", "loc", 7, 11), "locate_at")
    write_posts(tmp_path / "dev.jsonl", [Post("Nobody here", id="else", quintuples=[unlikely])])
    values["data"] = {
        **values["data"],
        "train": [str(tmp_path / "one.jsonl")],
        "unlabelled": [str(tmp_path / "bare.jsonl")],
        "dev": str(tmp_path / "dev.jsonl"),
    }
    values["training"] = {**values["training"], "patience": 100}
    tagger = run(values)
    found = extract_gold(Extractor(tagger), posts)
    assert score(posts[1:], found[1:]).mner.correct > 2


def foreign(post):
    ends = [Entity(post.text[:3], "thing", 0, 3), Entity(post.text[4:6], "thing", 4, 6)]
    return Post(post.text, id=f"bare-{post.id}", quintuples=[Quintuple(*ends, "beside")])


def run(values):
    """Train; the last weights, for the dev file has nothing to choose by."""
    train(RunConfig.parse(values))
    tagger = Tagger.from_pretrained(f"{values['output']}/model")
    from safetensors.torch import load_file

    tagger.network.load_state_dict(
        load_file(f"{values['output']}/checkpoint/model.safetensors"), strict=False
    )
    return tagger


def test_unlabelled_posts_need_a_teacher(tmp_path):
    values = tiny_run(tmp_path)
    values["data"] = {**values["data"], "unlabelled": ["posts.jsonl"]}
    with pytest.raises(ValueError, match=r"data\.unlabelled requires teachers"):
        RunConfig.parse(values)


def test_a_model_is_shown_what_the_config_says(tmp_path):
    values = tiny_run(tmp_path, epochs=1)
    captions = ("a dog", "two cats on a table", "a car")
    posts = [Post("Paris", id=caption, alt_text=caption) for caption in captions]
    own = prepare_tagger(RunConfig.parse(values), TAGS, posts)[1]
    assert any(scene.objects for scene in own)
    shown = {}
    for visual in ("none", "shuffled"):
        values["visual"] = {"shown": visual}
        shown[visual] = prepare_tagger(RunConfig.parse(values), TAGS, posts)[1]
    assert not any(scene.objects for scene in shown["none"])
    assert sorted(map(str, shown["shuffled"])) == sorted(map(str, own))
    assert shown["shuffled"] != own


def test_entities_alone_choose_the_epoch_where_there_is_no_quintuple(tmp_path):
    values = tiny_run(tmp_path, epochs=60, patience=60, batch_size=8, gradient_clip=5.0)
    posts = [
        replace(
            post,
            quintuples=(),
            entities=tuple(
                Entity(e.text, e.type, e.start, e.end)
                for q in post.quintuples
                for e in (q.head, q.tail)
            ),
        )
        for post in sample_posts()
    ]
    write_posts(values["data"]["train"][0], posts)
    scores = train(RunConfig.parse(values))
    assert scores.jmere.gold == 0
    assert scores.main == scores.mner
    assert scores.main.f1 > 0.5  # the first epoch's, which a tie would keep, is below 0.1


def test_predicates_are_counted_on_unlabelled_posts_too(tmp_path):
    values = tiny_run(tmp_path, epochs=1)
    train(RunConfig.parse(values))
    bare = [Post(f"Paris {n}", id=str(n), alt_text="a man riding a horse") for n in range(20)]
    write_posts(tmp_path / "bare.jsonl", bare)
    values["teachers"] = [f"{values['output']}/model"]
    values["output"] = str(tmp_path / "taught")
    values["data"] = {
        **values["data"],
        "unlabelled": [str(tmp_path / "bare.jsonl")],
        "predicate_count": 10,
    }
    train(RunConfig.parse(values))
    learner = Tagger.from_pretrained(tmp_path / "taught" / "model")
    assert "riding" in learner.batch.predicates.names
    teacher = Tagger.from_pretrained(values["teachers"][0])
    assert "riding" not in teacher.batch.predicates.names
