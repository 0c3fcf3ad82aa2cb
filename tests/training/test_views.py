"""Several descriptions of a picture: one is drawn per epoch, and some posts lose theirs."""

import csv
from dataclasses import replace

import pytest

from builders import sample_posts, tiny_run
from jmere.data.jsonl import write_posts
from jmere.inputs.prepare import windows_of
from jmere.records import SceneGraph
from jmere.tagger.tagger import Tagger
from jmere.tags import TagSet
from jmere.training.crowds.crowd_config import JoinConfig, VaryConfig
from jmere.training.crowds.draws import DrawnTexts
from jmere.training.logs import LOG
from jmere.training.run import prepare_tagger, train
from jmere.training.run_config import RunConfig
from jmere.training.views import DrawnViews, further_views

CAPTIONS = ["a man holding a trophy", "a stage", "a trophy on a stage"]


def described(posts):
    return [replace(post, alt_text=None, alt_texts=CAPTIONS) for post in posts]


@pytest.fixture(scope="module")
def tagger(tiny_model):
    return Tagger.from_pretrained(tiny_model)


@pytest.fixture(scope="module")
def ready(tagger):
    posts = described(sample_posts())
    views = further_views(tagger.prepare.scenes, posts)
    return [
        replace(window, views=own)
        for window, own in zip(windows_of(tagger.prepare(posts)), views, strict=True)
    ]


def captions(posts):
    return [post.scene.caption for post in posts]


def test_the_first_description_is_predicted_from_and_all_are_views(ready):
    assert set(captions(ready)) == {CAPTIONS[0]}
    assert [[view.caption for view in post.views] for post in ready] == [CAPTIONS[1:]] * 8
    assert [len(view.objects) for view in ready[0].views] == [1, 2]


def test_epochs_draw_by_seed_and_number(ready, tagger):
    epochs = [DrawnViews(ready, tagger.prepare, blind=0.0, seed=1)(n) for n in range(12)]
    again = DrawnViews(ready, tagger.prepare, blind=0.0, seed=1)
    assert captions(again(7)) == captions(epochs[7])
    assert len({tuple(captions(each)) for each in epochs}) > 10
    assert {caption for each in epochs for caption in captions(each)} == {*CAPTIONS}
    other = DrawnViews(ready, tagger.prepare, blind=0.0, seed=2)
    assert captions(other(7)) != captions(epochs[7])


def test_what_is_drawn_is_prepared_as_it_would_be_alone(ready, tagger):
    for post in DrawnViews(ready, tagger.prepare, blind=0.3, seed=1)(0):
        (alone,) = windows_of(tagger.prepare([post_of(post)], [post.scene]))
        assert replace(post, views=(), links=(), mentions=()) == alone


def post_of(ready):
    from jmere.records import Post

    return Post(tokens=ready.words.words)


def test_a_share_of_the_posts_loses_its_picture(ready, tagger):
    drawn = [
        post for n in range(50) for post in DrawnViews(ready, tagger.prepare, blind=0.25, seed=3)(n)
    ]
    share = sum(post.scene == SceneGraph() and not post.scene.caption for post in drawn)
    assert 0.18 < share / len(drawn) < 0.32
    assert all(not post.label_pieces for post in drawn if post.scene.is_blank)


def test_joined_texts_draw_views_too(ready, tagger):
    join, vary = JoinConfig(share=0.5, most=2), VaryConfig(no_picture=0.2)
    drawn = DrawnTexts(ready, tagger.prepare, join=join, vary=vary, seed=1)
    seen = [caption for epoch in range(8) for caption in captions(drawn(epoch))]
    assert {*seen} == {None, *CAPTIONS}


@pytest.fixture
def values(tmp_path):
    values = tiny_run(tmp_path, epochs=2)
    posts = described(sample_posts())
    posts[0] = replace(posts[0], alt_text="a man", alt_texts=())
    write_posts(values["data"]["train"][0], posts)
    return values


@pytest.mark.parametrize("shown", ["real", "shuffled", "none"])
def test_a_run_learns_from_all_descriptions_and_a_model_with_context_is_saved(values, shown):
    values["graphs"] = {"context": "all"}
    values["visual"] = {"shown": shown}
    values["data"]["vary"] = {"no_picture": 0.2}
    train(RunConfig.parse(values))
    tagger = Tagger.from_pretrained(f"{values['output']}/model", backend="onnx")
    (ready,) = windows_of(tagger.prepare(described(sample_posts())[:1]))
    assert bool(ready.context)


def test_other_posts_descriptions_move_together(values):
    config = RunConfig.parse({**values, "visual": {"shown": "shuffled"}})
    posts = described(sample_posts())
    posts[0] = replace(posts[0], alt_text="a man", alt_texts=())
    _, scenes = prepare_tagger(config, TagSet.load(), posts)
    assert scenes[0].caption == CAPTIONS[0]
    assert [each.caption for each in scenes].count("a man") == 1


def test_a_resumed_run_equals_an_unbroken_one(values, tmp_path):
    values["data"]["vary"] = {"no_picture": 0.3}
    values["graphs"] = {"context": "caption"}
    values["training"]["schedule"] = "step"
    values["training"]["warmup"] = 0.0
    losses = []
    for name, epochs in (("whole", [4]), ("broken", [2, 4])):
        for count in epochs:
            run = {**values, "output": str(tmp_path / name)}
            run["training"] = {**values["training"], "epochs": count, "patience": 9}
            train(RunConfig.parse(run), resume=count > epochs[0])
        with (tmp_path / name / LOG).open() as stream:
            losses.append([float(row["total"]) for row in csv.DictReader(stream)])
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)
