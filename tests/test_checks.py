import doctest

import numpy as np
import pytest

from jmere import Post, SceneGraph, SceneObject, SceneRelation, checks
from jmere.errors import short_repr

pytestmark = pytest.mark.usefixtures("as_users_call")


def test_the_examples_are_right():
    assert doctest.testmod(checks).failed == 0


@pytest.mark.parametrize(
    "value", ["a\nb" * 99, [[[[1]]]], np.zeros((9, 9)), [10**5000], {1: "x" * 99}], ids=type
)
def test_any_value_is_shown_in_a_short_line(value):
    assert "\n" not in short_repr(value)
    assert len(short_repr(value)) < 200


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": None}, "text: expected a string, got None"),
        ({"text": b"Ada"}, "text: expected a string, got b'Ada'"),
        ({"text": 7, "tokens": ["7"]}, "text: expected a string, got 7"),
        ({"tokens": "Ada in Oslo"}, "tokens: expected a list of words, got 'Ada in Oslo'"),
        ({"tokens": {"Ada": 1}}, "tokens: expected a list of words, got {'Ada': 1}"),
        ({"tokens": 3}, "tokens: expected a list of words, got 3"),
        ({"tokens": ["Ada", None]}, r"tokens\[1\]: expected a string, got None"),
        ({"alt_text": ["a cat"]}, r"alt_text: expected a string, got \['a cat'\]"),
        ({"id": 1.5}, "id: expected a whole number|id: expected a string, got 1.5"),
        ({"id": True}, "id: expected .*got True"),
        ({"scene_graph": {"objects": []}}, "scene_graph: expected SceneGraph, got {"),
        ({"quintuples": [("a", "b")]}, r"quintuples\[0\]: expected Quintuple, got \('a', 'b'\)"),
        ({"entities": "per"}, "entities: expected a list of Entity records, got 'per'"),
    ],
)
def test_a_field_of_another_type_is_one_line_that_names_it(fields, message):
    with pytest.raises(TypeError, match=f"^{message}") as caught:
        Post(**fields)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SceneObject(7), TypeError, "label: expected a string, got 7"),
        (lambda: SceneObject(" "), ValueError, "label: expected a name, got blank text"),
        (lambda: SceneObject("cat", "abcd"), TypeError, "box: expected a list of four numbers"),
        (lambda: SceneObject("cat", (1, 2, 3)), ValueError, "box: expected x0, y0, x1, y1"),
        (lambda: SceneObject("cat", (1, 2, 3, "4")), TypeError, "box: expected a number, got '4'"),
        (lambda: SceneObject("cat", score="high"), TypeError, "score: expected a number"),
        (lambda: SceneRelation("cat", "on", 1), TypeError, "subject: expected a whole number"),
        (lambda: SceneRelation(0, "", 1), ValueError, "predicate: expected a name, got blank text"),
        (lambda: SceneGraph(["cat"]), TypeError, r"objects\[0\]: expected SceneObject, got 'cat'"),
        (lambda: SceneGraph(size=(1.5, 2)), TypeError, "size: expected a whole number, got 1.5"),
        (lambda: SceneGraph(size=(1,)), ValueError, "size: expected width and height"),
        (
            lambda: SceneGraph([SceneObject("cat")], appearance=np.zeros(3)),
            TypeError,
            "appearance: expected an array of objects x width",
        ),
    ],
)
def test_a_visual_graph_of_other_types_is_one_line_too(make, error, message):
    with pytest.raises(error, match=f"^{message}"):
        make()


def test_whole_numbers_of_any_library_are_ids():
    assert Post(id=17).id == Post(id=np.int64(17)).id == "17"


def test_numbers_of_any_library_are_boxes():
    thing = SceneObject("cat", np.array([0, 1, 2, 3], np.float32), np.float32(0.5))
    assert thing == SceneObject("cat", (0.0, 1.0, 2.0, 3.0), 0.5)
    assert {type(corner) for corner in thing.box} == {float}
