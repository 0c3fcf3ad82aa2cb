import doctest
import math

import numpy as np
import pytest

from jmere import Post, SceneGraph, SceneObject, SceneRelation
from jmere.data import mend
from jmere.data.mend import image_name, mended_post, mended_scene

BOX = (0.0, 0.0, 2.0, 2.0)


def test_the_examples_are_right():
    assert doctest.testmod(mend).failed == 0


def test_a_sound_post_is_left_as_it_is():
    post = Post(text="Ann in Öslo 👩‍👩‍👧 \u200b", id="p", alt_text="a cat", image="a.jpg")
    assert mended_post(post) == (post, [])
    assert mended_post(post)[0] is post


def test_invalid_characters_are_replaced_one_by_one():
    post, warnings = mended_post(Post(text="a\ud83d\udcffb\0c", id="\ud800", alt_text="\udfffcat"))
    assert (post.text, post.id, post.alt_text) == ("a��b�c", "�", "�cat")
    assert warnings == [
        "id: the invalid character at 0 is read as U+FFFD",
        "text: 3 invalid characters, the first at 1, are read as U+FFFD",
        "alt_text: the invalid character at 0 is read as U+FFFD",
    ]


def test_the_words_of_a_post_are_mended_with_its_text():
    post, warnings = mended_post(Post(tokens=["a\ud83d", "b"]))
    assert (post.tokens, post.text) == (("a�", "b"), "a� b")
    assert warnings == ["text: the invalid character at 1 is read as U+FFFD"]


@pytest.mark.parametrize(
    ("tokens", "warning"),
    [
        (["a", "\u00a0"], "tokens: word 1 is blank and not read"),
        (["", "a", " ", "\x85"], "tokens: 3 blank words are not read, the first at 0"),
    ],
)
def test_blank_words_are_told(tokens, warning):
    assert mended_post(Post(tokens=tokens))[1] == [warning]


def test_a_blank_id_or_picture_is_none():
    post, warnings = mended_post(Post(id=" ", image=""))
    assert (post.id, post.image) == (None, None)
    assert len(warnings) == 2


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 1e308, 1e308),
        (0, 0, 1e39, 1),
        (-1e7, 0, 1, 1),
        (0, math.nan, 1, 1),
        (0, 0, math.inf, 1),
        (3, 0, 1, 1),
        (0, 10**400, 1, 1),
    ],
)
def test_a_box_that_no_picture_has_is_left_out(box):
    scene = SceneGraph((SceneObject("man", box, 0.5), SceneObject("dog", BOX)),
                       (SceneRelation(0, "on", 1),))  # fmt: skip
    mended, warnings = mended_scene(scene)
    assert mended == SceneGraph((SceneObject("man", None, 0.5), SceneObject("dog", BOX)),
                                scene.relations)  # fmt: skip
    assert len(warnings) == 1
    assert warnings[0].startswith("objects[0]: box (")


def test_other_numbers_and_names_of_a_graph_are_mended_too():
    things = (SceneObject("do\ud800g", BOX, 1.5), SceneObject("cat", BOX, math.nan))
    scene = SceneGraph(things, (SceneRelation(0, "on\0", 1, -1),), (0, 9),
                       np.array([[0, np.nan], [0, np.inf]], np.float32))  # fmt: skip
    mended, warnings = mended_scene(scene)
    assert mended.objects == (SceneObject("do�g", BOX), SceneObject("cat", BOX))
    assert mended.relations == (SceneRelation(0, "on�", 1),)
    assert mended.size is None
    assert np.isnan(mended.appearance).tolist() == [[False, True], [True, True]]
    assert warnings[3] == "4 more faults like these"


def test_a_sound_graph_is_left_as_it_is():
    scene = SceneGraph((SceneObject("dog", (-3, 0, 1e6, 1), 1),), size=(1, 1))
    assert mended_scene(scene)[0] is scene


def test_the_name_of_a_picture_can_be_written(tmp_path):
    assert image_name(tmp_path / "a.jpg") == str(tmp_path / "a.jpg")
    assert image_name("a\udcff.jpg") == "a�.jpg"
    assert image_name(b"bytes") is None
