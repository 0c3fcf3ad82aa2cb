import json
from collections import Counter

import pytest

from jmere.data.readers.gmner import read_gmner
from jmere.errors import DataError

LINE = {
    "image": "1.jpg",
    "tokens": ["Ann", "Lee", "of", "Bonn"],
    "tags": ["B-PER", "I-PER", "O", "B-LOC"],
    "size": [60, 40],
    "boxes": [{"name": "Ann Lee", "box": [1, 2, 30, 40]}],
}


def read(tmp_path, *lines):
    path = tmp_path / "gmner.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return list(read_gmner(path))


def test_an_entity_with_a_box_is_visible_and_no_other(tmp_path):
    (post,) = read(tmp_path, LINE)
    found = [(each.text, each.type, each.start, each.end, each.visible) for each in post.entities]
    assert found == [("Ann Lee", "per", 0, 7, 1.0), ("Bonn", "loc", 11, 15, 0.0)]
    assert (post.id, post.image, post.text) == ("1", "1.jpg", "Ann Lee of Bonn")


def test_a_name_with_a_box_is_visible_wherever_it_stands(tmp_path):
    twice = {**LINE, "tokens": ["Ann", "and", "Ann"], "tags": ["B-PER", "O", "B-PER"]}
    (post,) = read(tmp_path, {**twice, "boxes": [{"name": "Ann", "box": [0, 0, 1, 1]}]})
    assert [each.visible for each in post.entities] == [1.0, 1.0]


def test_a_post_without_boxes_shows_nothing(tmp_path):
    (post,) = read(tmp_path, {key: LINE[key] for key in ("image", "tokens", "tags")})
    assert [each.visible for each in post.entities] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tags": ["O"]}, "tags: expected one for each of 4 tokens, got 1"),
        ({"tags": ["X", "O", "O", "O"]}, "tags: expected a label O, B-TYPE or I-TYPE, got 'X'"),
        ({"tags": ["B-PERS", "O", "O", "O"]}, "tags: unknown entity type 'PERS'; did you mean"),
        ({"boxes": [{"name": "Bob", "box": [0, 0, 1, 1]}]}, "boxes: 'Bob' is not an entity"),
        ({"boxes": [{"name": "Bonn", "box": [0, 0, 1]}]}, r"boxes\[0\]: box: "),
        ({"image": 7}, "image: "),
        ({"pixels": 1}, "unknown key 'pixels'"),
    ],
)
def test_a_faulty_line_is_told_with_its_number(tmp_path, change, message):
    with pytest.raises(DataError, match=rf"gmner\.jsonl:2: .*{message}"):
        read(tmp_path, LINE, {**LINE, **change})


def test_the_published_files_have_the_published_counts(shared):
    counts = Counter(
        each.visible
        for post in read_gmner(shared / "data/gmner/dev.jsonl")
        for each in post.entities
    )
    assert counts == {1.0: 991, 0.0: 1459}
