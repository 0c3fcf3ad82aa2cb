import numpy as np
import pytest

from jmere.vision.relate.geometry import WIDTH, in_frame, ordered_pairs, pair_features
from jmere.vision.relate.positions import POSITIONS, positions


def some_boxes(count=6, seed=0):
    corners = np.random.default_rng(seed).random((count, 2, 2)) * 100
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)


def features(boxes):
    return pair_features(in_frame(boxes), ordered_pairs(len(boxes)))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_every_ordered_pair_comes_once(count):
    expected = [(i, j) for i in range(count) for j in range(count) if i != j]
    assert list(map(tuple, ordered_pairs(count).tolist())) == expected


@pytest.mark.parametrize(("scale", "move"), [(3.0, 0.0), (1.0, -250.0), (0.01, 17.0)])
def test_a_picture_moved_or_made_larger_has_the_same_features(scale, move):
    boxes = some_boxes()
    np.testing.assert_allclose(features(boxes * scale + move), features(boxes), atol=1e-4)


def test_the_order_of_the_objects_changes_nothing():
    boxes = some_boxes(4)
    turned = features(boxes[[2, 0, 3, 1]])
    places = {tuple(pair): row for row, pair in enumerate(ordered_pairs(4).tolist())}
    for row, (first, second) in enumerate(ordered_pairs(4).tolist()):
        other = turned[places[[1, 3, 0, 2][first], [1, 3, 0, 2][second]]]
        np.testing.assert_allclose(other, features(boxes)[row], atol=1e-5)


@pytest.mark.parametrize(
    "boxes",
    [
        np.zeros((3, 4)),
        np.array([[0, 0, 0, 5], [5, 5, 5, 5], [1, 2, 3, 4]], dtype=float),
        np.array([[-1e300, 0, 1e300, 1], [0, -1e300, 1, 1e300]]),
        np.zeros((0, 4)),
    ],
)
def test_features_are_finite_whatever_the_boxes(boxes):
    found = features(boxes)
    assert found.shape == (len(boxes) * max(len(boxes) - 1, 0), WIDTH)
    assert np.isfinite(found).all()
    assert np.abs(found).max(initial=0) < 20


@pytest.mark.parametrize(
    ("subject", "target", "words"),
    [
        ([40, 60, 50, 70], [0, 0, 100, 100], {"inside", "near"}),
        ([40, 10, 60, 42], [0, 40, 100, 100], {"on", "near"}),
        ([30, 50, 60, 100], [0, 0, 100, 90], {"in front of", "near"}),
        ([0, 0, 20, 40], [25, 0, 45, 40], {"left of", "near"}),
        ([25, 0, 45, 40], [0, 0, 20, 40], {"right of", "near"}),
        ([0, 0, 5, 5], [90, 90, 100, 100], set()),
    ],
)
def test_plain_words_of_position(subject, target, words):
    boxes = in_frame(np.array([subject, target, [0, 0, 100, 100]], dtype=float))
    found = positions(boxes, np.array([[0, 1]]))[0]
    assert {word for word, holds in zip(POSITIONS, found, strict=True) if holds} == words
