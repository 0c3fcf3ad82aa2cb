import numpy as np
import pytest

from jmere.vision.relate.label_vectors import WordTable, cosines, same_label
from jmere.vision.relate.naming import caption_form


@pytest.fixture
def table():
    return WordTable.of(
        {
            "traffic": np.array([1.0, 0.0, 0.5], np.float32),
            "light": np.array([0.0, 1.0, -0.5], np.float32),
        }
    )


def test_a_label_is_the_mean_of_its_words(table):
    np.testing.assert_allclose(table.vector("traffic light"), [0.5, 0.5, 0.0], atol=0.01)


@pytest.mark.parametrize("label", ["traffic_light", "Traffic Light", " traffic-light"])
def test_spelling_changes_nothing(table, label):
    assert same_label(label) == "traffic light"
    np.testing.assert_array_equal(table.vector(label), table.vector("traffic light"))


def test_a_plural_is_its_singular_where_only_that_is_known(table):
    np.testing.assert_array_equal(table.vector("lights"), table.vector("light"))


def test_unknown_words_are_left_out_and_alone_they_are_zero(table):
    np.testing.assert_array_equal(table.vector("light qwx"), table.vector("light"))
    assert not table.vector("qwx").any()
    assert not cosines(table.vectors(["qwx"]), table.vectors(["light"])).any()


@pytest.mark.parametrize(
    ("predicate", "words"),
    [
        ("in the front of", "in front of"),
        ("on the left of", "left of"),
        ("hold", "holding"),
        ("sit next to", "sitting next to"),
        ("on", "on"),
        ("qwx", "qwx"),
    ],
)
def test_predicates_are_said_as_captions_do(predicate, words):
    assert caption_form(predicate) == words
