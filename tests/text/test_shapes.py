import pytest

from jmere.text.shapes import SHAPES, shape, shape_ids


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("curry", "lower"),
        ("Curry", "capitalised"),
        ("I", "capitalised"),
        ("NBA", "upper"),
        ("U.S.", "upper"),
        ("iPhone", "mixed"),
        ("McDonald", "mixed"),
        ("2018", "number"),
        ("@StephenCurry", "user"),
        ("#NBA", "hashtag"),
        ("@", "other"),
        ("...", "other"),
        ("🏀", "other"),
        ("", "other"),
    ],
)
def test_a_word_has_a_shape(word, expected):
    assert shape(word) == expected


def test_no_word_has_the_shape_of_padding():
    assert 0 not in shape_ids(["a", "B", "", "@x"])
    assert SHAPES[0] == "none"
