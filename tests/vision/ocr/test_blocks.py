import pytest

from jmere.records import SceneObject
from jmere.vision.ocr.blocks import TextBlock, text_blocks


def texts(*rows):
    return [block.text for block in text_blocks([SceneObject(text, box) for text, box in rows])]


def test_lines_of_one_paragraph_are_one_text():
    assert texts(("Lionel Messi leaves", (10, 10, 200, 30)), ("Barcelona", (10, 36, 100, 56))) == [
        "Lionel Messi leaves Barcelona"
    ]


def test_a_wide_gap_and_a_heading_part_blocks():
    assert texts(
        ("NEWS", (10, 0, 200, 60)),
        ("one", (10, 64, 100, 84)),
        ("two", (10, 88, 100, 108)),
        ("three", (10, 150, 100, 170)),
    ) == ["NEWS", "one two", "three"]


def test_columns_are_read_one_after_the_other():
    assert texts(
        ("left top", (0, 0, 100, 20)),
        ("right top", (300, 2, 400, 22)),
        ("left end", (0, 24, 100, 44)),
        ("right end", (300, 26, 400, 46)),
    ) == ["left top left end", "right top right end"]


def test_pieces_of_one_row_are_read_from_left_to_right():
    assert texts(
        ("Curry", (110, 1, 170, 21)), ("Stephen", (0, 0, 100, 20)), ("scores", (0, 26, 80, 46))
    ) == ["Stephen Curry scores"]


def test_the_order_of_the_lines_changes_nothing():
    rows = [("a b", (0, 0, 30, 10)), ("c d", (0, 12, 30, 22)), ("e", (0, 80, 10, 90))]
    assert texts(*rows) == texts(*reversed(rows)) == ["a b c d", "e"]


def test_lines_without_a_box_are_left_out():
    assert text_blocks([SceneObject("nowhere")]) == []


def test_a_name_over_two_lines_has_the_box_around_its_parts():
    block = TextBlock((SceneObject("by Ann", (0, 0, 60, 10)), SceneObject("Lee", (0, 12, 30, 22))))
    assert block.text == "by Ann Lee"
    assert block.box(3, 6) == (30, 0, 60, 10)
    assert block.box(7, 10) == (0, 12, 30, 22)
    assert block.box(3, 10) == (0, 0, 60, 22)
    with pytest.raises(ValueError, match="no letters from 6 to 7"):
        block.box(6, 7)


def test_capitals_are_read_as_names_of_the_same_length():
    shout = TextBlock((SceneObject("IT'S PARIS SAINT-GERMAIN"), SceneObject("AT 7 PM")))
    assert shout.readable == "It's Paris Saint-Germain At 7 Pm"
    assert len(shout.readable) == len(shout.text)
    assert TextBlock((SceneObject("CURRY"),)).readable == "CURRY"
    assert TextBlock((SceneObject("DER GROßE ß"),)).readable == "DER GROßE ß"
