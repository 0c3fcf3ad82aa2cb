"""Contexts: what is written of a picture, and the room it takes behind a post."""

import json
import shutil
from dataclasses import replace

import pytest

from builders import tiny_run
from jmere.config import parse_config
from jmere.export.model_graph import write_graph_file
from jmere.grid.decode import DecodeOptions
from jmere.inputs.context import ContextWriter, context_text
from jmere.inputs.graph_config import GraphConfig
from jmere.inputs.prepare import windows_of
from jmere.records import Post, SceneGraph, SceneObject, SceneRelation
from jmere.scenes.control import apply_visual_control
from jmere.tagger.overlapping import Windowing
from jmere.tagger.tagger import Tagger
from jmere.tags import TagSet
from jmere.training.crowds.texts import Passage, join_texts
from jmere.training.run import prepare_tagger
from jmere.training.run_config import RunConfig
from jmere.training.run_file import with_settings

CAPTION = "a woman holding a trophy on a stage"


def model_in_context(folder, kind, *settings):
    """An untrained model that reads a context."""
    values = with_settings(tiny_run(folder), [f"graphs.context={kind}", *settings])
    config = RunConfig.parse(values)
    return prepare_tagger(config, TagSet.load(), [Post(text="Ada lives in London", id="1")])[0]


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    return model_in_context(tmp_path_factory.mktemp("context"), "caption")


def scene(*labels, relations=(), caption=None):
    return SceneGraph(
        tuple(SceneObject(label) for label in labels),
        tuple(SceneRelation(*each) for each in relations),
        caption=caption,
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("none", ""),
        ("caption", "A man reads."),
        ("objects", "man, traffic light, WORLD CUP, man near traffic light"),
        ("all", "A man reads. traffic light, WORLD CUP, man near traffic light"),
    ],
)
def test_objects_relations_and_caption_are_written_as_words(kind, expected):
    graph = scene(
        "man", "traffic_light", "WORLD CUP", "man", relations=[(0, "near", 1)],
        caption="A man reads.",
    )  # fmt: skip
    assert context_text(graph, kind) == expected


@pytest.mark.parametrize("kind", ["none", "caption", "objects", "all"])
def test_without_a_picture_there_is_no_context(kind):
    assert context_text(SceneGraph(), kind) == ""


def test_a_label_inside_a_word_of_the_caption_is_still_written():
    assert context_text(scene("man", caption="A woman."), "all") == "A woman. man"
    assert context_text(scene("c++ (logo", caption="a C++ (logo"), "all") == "a C++ (logo"
    assert context_text(scene("++", "man"), "all") == "++, man"
    assert context_text(scene("++", caption="A man"), "all") == "A man. ++"


def test_the_context_stands_behind_the_post_between_special_pieces(tagger):
    (ready,) = windows_of(tagger.prepare([Post("Ada lives in London", alt_text=CAPTION)]))
    (bare,) = windows_of(tagger.prepare([Post("Ada lives in London")]))
    assert ready.pieces == bare.pieces
    assert ready.context[:-1] == tagger.prepare.pieces.labels([CAPTION])[0]
    assert ready.context[-1] == ready.pieces.ids[-1]  # [SEP]
    assert bare.context == ()
    batch = tagger.batch([ready, bare])
    assert batch.context.sum(axis=1).tolist() == [len(ready.context), 0]
    assert batch.word_mask.sum(axis=1).tolist() == [4, 4]
    assert (batch.piece_words[batch.context] == batch.word_mask.shape[1]).all()
    assert batch.piece_ids[0, : ready.length].tolist() == [*ready.pieces.ids, *ready.context]


def test_the_context_is_cut_before_the_post_ever_is(tagger):
    for count in (10, 40, 58, 60, 61, 62, 70, 200):
        post = Post(tokens=["London"] * count, alt_text=f"{CAPTION} " * 9)
        bare = replace(post, alt_text=None)
        with_one, without = (windows_of(tagger.prepare([each])) for each in (post, bare))
        assert [each.pieces for each in with_one] == [each.pieces for each in without]
        assert all(each.length <= tagger.prepare.longest for each in with_one)
    (ready,) = windows_of(tagger.prepare([Post(tokens=["London"] * 10, alt_text=CAPTION * 99)]))
    assert ready.length == tagger.prepare.longest


def test_a_context_has_a_limit_of_its_own(tmp_path):
    small = model_in_context(tmp_path, "caption", "graphs.context_pieces=3")
    (ready,) = windows_of(small.prepare([Post("London", alt_text=f"{CAPTION} " * 10_000)]))
    assert len(ready.context) == 3 + 1


def test_the_caption_comes_with_the_graph_of_any_source(tagger):
    graph = scene("man")
    (given,) = tagger.prepare.scenes.scenes([Post("x", alt_text=CAPTION, scene_graph=graph)])
    (described,) = tagger.prepare.scenes.scenes([Post("x", alt_text=CAPTION)])
    assert given.caption == described.caption == CAPTION
    assert given.objects == graph.objects


def test_the_caption_goes_where_a_control_sends_the_graph():
    scenes = [scene("man", caption="one"), scene(caption="two"), SceneGraph()]
    shuffled = apply_visual_control(scenes, "shuffled", seed=0)
    assert [each.caption for each in shuffled] == ["two", "one", None]
    assert [each.caption for each in apply_visual_control(scenes, "none", seed=0)] == [None] * 3


def test_joined_posts_read_the_first_picture(tagger):
    texts = [Passage(("Ada",)), Passage(("Bob",), scene=scene(caption="two"))]
    joined = join_texts(texts, ["."])
    assert joined.scene.caption == "two"
    (ready,) = windows_of(tagger.prepare([Post(tokens=joined.words)], [joined.scene]))
    assert ready.context[:-1] == tagger.prepare.pieces.labels(["two"])[0]


def test_a_saved_model_reads_contexts_and_both_engines_agree(tagger, tmp_path):
    tagger.save_pretrained(tmp_path / "model")
    assert write_graph_file(tagger, tmp_path / "model")  # compares the engines
    again = Tagger.from_pretrained(tmp_path / "model", backend="onnx")
    assert again.graphs == tagger.graphs
    posts = [Post("Ada lives in London", alt_text=CAPTION), Post("Ada lives in London")]
    ready = windows_of(again.prepare(posts))
    assert ready == windows_of(tagger.prepare(posts))
    scores = again.scores(again.batch(ready)).grids
    assert abs(scores - tagger.scores(tagger.batch(ready)).grids).max() < 1e-4
    assert abs(scores[0] - scores[1]).max() > 1e-6


def test_a_model_without_graphs_reads_the_context_alone_on_both_engines(tmp_path):
    tagger = model_in_context(tmp_path, "caption", "visual.objects=0")
    tagger.save_pretrained(tmp_path / "model")
    assert write_graph_file(tagger, tmp_path / "model")
    again = Tagger.from_pretrained(tmp_path / "model", backend="onnx")
    post = Post("Ada lives in London", alt_text=CAPTION)
    (ready,) = windows_of(again.prepare([post]))
    assert not ready.scene.objects
    assert ready.context
    for scene_graph in (ready.scene, scene("man", "hat")):  # another limit may show some
        ready = windows_of(again.prepare([post], [scene_graph]))
        ours, theirs = (each.scores(each.batch(ready)).grids for each in (tagger, again))
        assert abs(ours - theirs).max() < 1e-4


def test_a_model_without_context_prepares_none(tiny_model):
    tagger = Tagger.from_pretrained(tiny_model)
    assert tagger.graphs.context == "none"
    assert tagger.prepare.context is None
    (ready,) = windows_of(tagger.prepare([Post("Ada lives in London", alt_text=CAPTION)]))
    assert ready.context == ()
    assert tagger.batch([ready]).context is None


def test_a_folder_from_before_there_was_a_context_is_read(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "old")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    del config["graphs"]["context"], config["graphs"]["context_pieces"]
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    for backend in ("torch", "onnx"):
        old, now = (Tagger.from_pretrained(each, backend=backend) for each in (folder, tiny_model))
        assert old.graphs == now.graphs
        batch = now.batch(windows_of(now.prepare([Post("Ada lives in London", alt_text=CAPTION)])))
        assert (old.scores(batch).grids == now.scores(batch).grids).all()


def test_every_window_of_a_crowded_post_has_the_context(tagger):
    post = Post("Ada lives in London . Ada lives in London . London is in England .")
    (ready,) = windows_of(tagger.prepare([replace(post, alt_text=CAPTION)]))
    options = DecodeOptions(window=5, window_step=2, window_beyond=6)
    windowing = Windowing([ready], options)
    assert len(windowing.parts) > 1
    assert {part.context for part in windowing.parts} == {ready.context}
    scored = tagger.scores(tagger.batch(windowing.parts))
    ((_, fused),) = windowing.completed(range(len(windowing.parts)), scored)
    assert fused.grids.shape[1:3] == (len(ready.words), len(ready.words))


def test_config_values_are_checked():
    with pytest.raises(ValueError, match=r"graphs\.context: .*'caption'.* got 'captions'"):
        parse_config(GraphConfig, {"context": "captions"}, "graphs")
    with pytest.raises(ValueError, match=r"graphs\.context_pieces must be positive, got 0"):
        parse_config(GraphConfig, {"context_pieces": 0}, "graphs")


def test_pieces_that_a_writer_returns_fit_their_room(tagger):
    pieces = tagger.prepare.pieces
    writer = ContextWriter.of("caption", pieces, 64)
    graph = scene(caption=CAPTION)
    for room in range(12):
        (found,) = writer([graph], [room])
        assert len(found) <= room
        assert len(found) != 1  # never a special piece alone
