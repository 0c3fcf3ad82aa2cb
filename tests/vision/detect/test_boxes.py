import numpy as np
import pytest

from jmere.vision.detect.boxes import Selection, intersection_over_union

SIZE = (100, 80)


def chosen(rows, **choices):
    """Rows of (x0, y0, x1, y1, score, class) that become objects."""
    values = np.array(rows, np.float32).reshape(-1, 6)
    classes = values[:, 5].astype(np.int64)
    return Selection(**choices).choose(values[:, :4], values[:, 4], classes, SIZE)


def test_overlap_by_hand():
    first = np.array([[0, 0, 10, 10], [5, 5, 5, 9]], np.float32)
    second = np.array([[5, 0, 15, 10], [0, 0, 10, 10], [20, 20, 30, 30]], np.float32)
    np.testing.assert_allclose(
        intersection_over_union(first, second), [[50 / 150, 1, 0], [0, 0, 0]], atol=1e-6
    )


def test_the_surest_come_first_and_the_unsure_not_at_all():
    boxes, rows = chosen([(0, 0, 9, 9, 0.4, 0), (50, 0, 59, 9, 0.9, 0), (20, 40, 29, 49, 0.2, 0)])
    assert rows.tolist() == [1, 0]
    assert boxes.tolist() == [[50, 0, 59, 9], [0, 0, 9, 9]]


def test_of_two_boxes_of_one_class_the_surer_stays():
    assert chosen([(0, 0, 10, 10, 0.5, 3), (1, 0, 11, 10, 0.8, 3)])[1].tolist() == [1]


def test_two_classes_may_share_a_place_unless_they_are_one_thing():
    rider = [(0, 0, 10, 10, 0.9, 0), (0, 1, 10, 11, 0.8, 1)]
    assert chosen(rider)[1].tolist() == [0, 1]
    assert chosen([(0, 0, 40, 40, 0.9, 0), (0, 0, 40, 41, 0.8, 1)])[1].tolist() == [0]


def test_a_box_that_repeats_a_suppressed_one_alone_stays():
    # B repeats A, C repeats only B: C is another thing.
    rows = [(0, 0, 10, 10, 0.9, 0), (3, 0, 13, 10, 0.8, 0), (7, 0, 17, 10, 0.7, 0)]
    assert chosen(rows)[1].tolist() == [0, 2]


def test_no_more_objects_than_asked_for():
    rows = [(10 * n, 0, 10 * n + 9, 9, 0.9 - n / 100, 0) for n in range(6)]
    assert chosen(rows, objects=4)[1].tolist() == [0, 1, 2, 3]
    assert chosen(rows, objects=0)[1].tolist() == []


def test_specks_and_what_lies_outside_are_left_out():
    rows = [(0, 0, 0.5, 50, 0.9, 0), (101, 0, 140, 50, 0.9, 0), (-30, -30, 30, 30, 0.9, 0)]
    boxes, kept = chosen(rows)
    assert kept.tolist() == [2]
    assert boxes.tolist() == [[0, 0, 30, 30]]


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_row_without_numbers_is_no_object(broken):
    rows = [(0, broken, 10, 10, 0.9, 0), (0, 0, 10, 10, 0.5, 0), (50, 50, 60, 60, np.nan, 0)]
    assert chosen(rows)[1].tolist() == [1]


def test_nothing_in_nothing_out():
    boxes, rows = chosen([])
    assert boxes.shape == (0, 4)
    assert rows.tolist() == []


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"objects": -1}, "number of objects must not be negative, got -1"),
        ({"min_score": 1.5}, r"min_score must be in \[0, 1\], got 1.5"),
        ({"nms_iou": -0.1}, r"nms_iou must be in \[0, 1\], got -0.1"),
    ],
)
def test_wrong_choices_are_refused(choices, message):
    with pytest.raises(ValueError, match=message):
        Selection(**choices)
