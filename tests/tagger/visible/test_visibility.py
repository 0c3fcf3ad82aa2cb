import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from jmere import Extractor, Post, SceneGraph, SceneObject
from jmere.data.jsonl import read_posts
from jmere.records import Entity
from jmere.tagger.tagger import Tagger
from jmere.tagger.visible.described_window import DescribedWindow
from jmere.training.visible.train_visible import train_heads, write_model
from jmere.training.visible.visible_options import VisibleTraining

OPTIONS = VisibleTraining(layers=(1, 2), width=8, epochs=12, batch=4, folds=2, rate=1e-2)


SEEN, EMPTY = "a man holding a trophy", "a stage in London"


def marked(number):
    """A post whose person is visible where the description speaks of one."""
    shown = number % 4 < 2
    text = f"Messi won in London {number}"
    entity = replace(Entity("Messi", "per", 0, 5), visible=float(shown))
    told = SEEN if shown else EMPTY
    return Post(text=text, alt_text=told, entities=(entity,), id=str(number))


def window(tagger, post):
    """The post with its annotated entities, prepared to be judged."""
    (ready,) = tagger.prepare([post])[0].windows
    return DescribedWindow(ready.words, ready.pieces, ready.mentions, post.alt_text)


@pytest.fixture(scope="module")
def folder(tiny_model, tmp_path_factory):
    """The tiny model with heads that know when Messi is to be seen."""
    heads, config, fitted = train_heads(tiny_model, [marked(n) for n in range(32)], OPTIONS)
    assert fitted.f1 == 1.0
    target = tmp_path_factory.mktemp("visible")
    write_model(tiny_model, target, heads, config, int8=False)
    return target


@pytest.fixture(scope="module")
def known(trained_run):
    """A post in which the tiny model finds entities."""
    return next(iter(read_posts(trained_run[0]["data"]["train"][0])))


SCENE = SceneGraph((SceneObject("man", (0, 0, 9, 9)), SceneObject("stage", (9, 0, 20, 20))))


def test_the_heads_learn_what_the_description_tells(folder):
    tagger = Tagger.from_pretrained(folder, backend="torch")
    for post, expected in ((marked(100), True), (marked(102), False)):
        ((share,),) = tagger.visibility([window(tagger, post)])
        assert (share >= tagger.visibility.config.threshold) is expected
        assert 0 <= share <= 1


def test_both_engines_agree(folder):
    shares = []
    for backend in ("torch", "onnx"):
        if backend == "onnx" and not (folder / "model.onnx").is_file():
            pytest.skip("the tiny model has no graph")
        tagger = Tagger.from_pretrained(folder, backend=backend)
        shares.append(tagger.visibility([window(tagger, marked(1))])[0])
    np.testing.assert_allclose(*shares, atol=1e-4)


def test_posts_are_judged_alike_alone_and_together(folder):
    tagger = Tagger.from_pretrained(folder, backend="onnx")
    windows = [window(tagger, marked(number)) for number in range(40)]
    windows[3] = windows[3]._replace(description=None)
    windows[5] = windows[5]._replace(mentions=())
    together = tagger.visibility(windows)
    assert together == [tagger.visibility([each])[0] for each in windows]
    assert (together[3], together[5]) == (None, [])
    tagger.visibility.pool = None
    assert tagger.visibility(windows) == together


def test_without_alignment_nothing_is_judged(folder, known):
    extractor = Extractor.from_pretrained(folder, alignment=False)
    found = extractor.extract(replace(known, alt_text=SEEN))
    assert {each.visible for each in found.entities} == {None}


def test_entities_of_a_described_post_are_judged_and_of_others_not(folder, known):
    extractor = Extractor.from_pretrained(folder)
    described = extractor.extract(replace(known, alt_text=SEEN))
    assert described.entities
    assert all(0 <= each.visible <= 1 for each in described.entities)
    again = type(described).from_dict(json.loads(json.dumps(described.to_dict())))
    assert [each.visible for each in again.entities] == [
        each.visible for each in described.entities
    ]
    bare = extractor.extract(replace(known, alt_text=None))
    assert {each.visible for each in bare.entities} == {None}


def test_objects_of_a_picture_stand_in_for_a_description(folder, known):
    found = Extractor.from_pretrained(folder).extract(replace(known, scene_graph=SCENE))
    assert all(each.visible is not None for each in found.entities)


def test_only_what_is_likely_to_be_seen_is_grounded(folder, known):
    extractor = Extractor.from_pretrained(folder)
    for told in (SEEN, EMPTY):
        found = extractor.extract(replace(known, alt_text=told, scene_graph=SCENE))
        likely = {each for each in found.entities if each.visible >= 0.5}
        assert {each.entity for each in found.groundings} == likely
        for each in found.groundings:
            assert each.probability == pytest.approx(each.weight * each.entity.visible, abs=1e-4)
        for line in found.to_dict().get("groundings", ()):
            assert line["probability"] <= 1


def test_the_heads_change_no_quintuple(folder, tiny_model, known):
    post = replace(known, alt_text=SEEN)
    with_heads, without = (
        Extractor.from_pretrained(each).extract(post).to_dict() for each in (folder, tiny_model)
    )
    assert with_heads["quintuples"] == without["quintuples"]
    for each in with_heads["entities"]:
        each.pop("visible")
    assert with_heads["entities"] == without["entities"]


def test_a_post_without_room_for_a_description_is_not_judged(folder):
    tagger = Tagger.from_pretrained(folder)
    post = Post(text=" ".join(["Messi"] * 500), alt_text=SEEN)
    ready = tagger.prepare([post])[0].windows[0]
    tagger.visibility.config = replace(tagger.visibility.config, longest=len(ready.pieces.ids))
    mentions = [ready.words.mention(Entity("Messi", "per", 0, 5))]
    described = DescribedWindow(ready.words, ready.pieces, mentions, SEEN)
    assert tagger.visibility([described]) == [None]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": 0}, r"visible\.json: visible\.width must be at least 1"),
        ({"threshold": 2}, r"visible\.json: visible\.threshold must be in \[0, 1\]"),
        ({"layers": []}, r"visible\.json: visible\.layers: expected 1 to"),
        ({"schema_version": 9}, r"visible\.json: .*version"),
        ({"colour": 1}, r"visible\.json: unknown key"),
    ],
)
def test_a_damaged_config_is_refused(folder, tmp_path, change, message):
    copy = shutil.copytree(folder, tmp_path / "copy")
    values = json.loads((copy / "visible.json").read_text(encoding="utf-8"))
    (copy / "visible.json").write_text(json.dumps({**values, **change}), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        Tagger.from_pretrained(copy)


def test_weights_of_other_sizes_are_refused(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    values = json.loads((copy / "visible.json").read_text(encoding="utf-8"))
    (copy / "visible.json").write_text(json.dumps({**values, "width": 4000}), encoding="utf-8")
    tagger = Tagger.from_pretrained(copy, backend="torch")
    with pytest.raises(ValueError, match="visible"):
        tagger.visibility([window(tagger, marked(1))])
