from dataclasses import replace

import pytest

from builders import sample_posts
from jmere.inputs.prepare import gold_of, windows_of
from jmere.records import Entity, Mention, Post, Quintuple, SceneGraph, SceneObject
from jmere.tagger.tagger import Tagger
from jmere.text.words import join, post_words


@pytest.fixture(scope="module")
def prepare(tiny_model):
    return Tagger.from_pretrained(tiny_model).prepare


def test_a_post_is_prepared_alone_as_in_company(prepare):
    posts = sample_posts()
    assert [prepare([post])[0] for post in posts] == prepare(posts)


def test_a_text_that_fits_is_one_window(prepare):
    words = post_words(sample_posts()[0])
    assert prepare.windows(words) == [words]


def test_windows_cover_a_long_text_and_end_with_sentences(prepare):
    words = join(("Messi won the Ballon d'Or . " * 30).split())
    windows = prepare.windows(words)
    assert len(windows) > 1
    assert tuple(word for window in windows for word in window.words) == words.words
    assert all(window.words[-1] == "." for window in windows)
    for window, pieces in zip(windows, prepare.pieces.split([w.words for w in windows]),
                              strict=True):  # fmt: skip
        assert len(pieces.ids) <= prepare.longest, window


def test_words_that_are_more_pieces_than_characters_are_counted_right(prepare):
    words = join([""] * 100)
    windows = prepare.windows(words)
    assert sum(map(len, windows)) == 100
    posts = [Post(tokens=window.words) for window in windows]
    assert len(windows_of(prepare(posts, on_long="raise"))) == len(windows) > 1


def test_a_long_text_without_sentences_is_cut_where_it_must(prepare):
    words = join(["x"] * 500)
    windows = prepare.windows(words)
    assert sum(map(len, windows)) == 500
    assert {len(window) for window in windows[:-1]} == {prepare.longest - 2}


def test_a_post_too_long_to_learn_from_is_refused_with_its_length(prepare):
    post = Post(tokens=["x"] * 500, id="long")
    with pytest.raises(ValueError, match=r"post 'long' has 502 word pieces, but .* at most 64"):
        prepare([post], on_long="raise")


def test_a_post_too_long_is_cut_or_left_out(prepare):
    long, short = Post(tokens=["x"] * 500, id="long"), Post("Ada lives in London", id="short")
    cut, whole = prepare([long, short])
    assert [len(each.words) for each in whole.windows] == [4]
    assert sum(len(each.words) for each in cut.windows) == 500
    assert [each.post.id for each in prepare([long, short], on_long="drop")] == ["short"]


def test_faults_of_a_post_and_of_its_scene_graph_are_its_warnings(prepare):
    graph = SceneGraph((SceneObject("cat", (0, 0, float("nan"), 1)),))
    (given,) = prepare([Post("a\0b", scene_graph=graph)])
    (beside,) = prepare([Post("a\0b")], [graph])
    assert given.scene == beside.scene == SceneGraph((SceneObject("cat"),))
    assert given.warnings == beside.warnings
    assert [warning.partition(":")[0] for warning in given.warnings] == ["text", "objects[0]"]
    assert given.post.text == given.windows[0].words.text == "a\N{REPLACEMENT CHARACTER}b"


def test_many_posts_are_prepared_in_order(prepare, monkeypatch):
    monkeypatch.setattr("jmere.inputs.prepare.CHUNK", 3)
    posts = sample_posts()
    assert [each.post for each in prepare(posts)] == posts
    assert prepare([]) == []


def test_windows_of_one_model_are_read_again_for_another(prepare):
    ready = windows_of(prepare(sample_posts()))
    again = prepare.reread(ready)
    assert [each and (each.words, each.scene, each.pieces) for each in again] == [
        (each.words, each.scene, each.pieces) for each in ready
    ]
    assert all(each is not None and not each.links for each in again)
    smaller = replace(prepare, longest=6)
    assert [each is None for each in smaller.reread(ready)] == [
        len(each.pieces.ids) > 6 for each in ready
    ]


def test_gold_inside_a_word_is_left_out():
    post = Post(
        text="ab cd",
        quintuples=[Quintuple(Entity("ab", "per", 0, 2), Entity("c", "per", 3, 4), "peer")],
        entities=[Entity("cd", "loc", 3, 5), Entity("b", "loc", 1, 2)],
    )
    assert gold_of(post, post_words(post)) == ((Mention(1, 2, "loc"),), ())
