import copy
import json

import numpy as np
import pytest

from jmere.errors import DataError
from jmere.training.relations.vrd import MAX_OBJECTS_PER_PICTURE, read_vrd

FILE = {
    "objects": ["person", "hat"],
    "predicates": ["wear", "has"],
    "images": [
        {
            "image": "a.jpg",
            "objects": [{"box": [0, 0, 9, 9], "label": 0}, {"box": [1, 1, 3, 3], "label": 1}],
            "relations": [
                {"subject": 0, "object": 1, "predicates": [1, 0, 1]},
                {"subject": 0, "object": 1, "predicates": [0]},
            ],
        },
        {"image": None, "objects": [], "relations": []},
    ],
}


def written(tmp_path, value):
    path = tmp_path / "file.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def changed(*keys, to):
    value = copy.deepcopy(FILE)
    place = value
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = to
    return value


def test_a_file_is_read_and_what_is_said_twice_counts_once(tmp_path):
    found = read_vrd(written(tmp_path, FILE))
    first, second = found.pictures
    assert (found.labels, found.predicates) == (("person", "hat"), ("wear", "has"))
    np.testing.assert_array_equal(first.relations, [[0, 0, 1], [0, 1, 1]])
    np.testing.assert_array_equal(first.boxes, [[0, 0, 9, 9], [1, 1, 3, 3]])
    assert second.boxes.shape == (0, 4)
    assert second.relations.shape == (0, 3)


THING = ("images", 0, "objects", 0)
RELATION = ("images", 0, "relations", 0)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{", "not readable JSON|not JSON"),
        ("[" * 100_000, "not readable JSON|not JSON"),
        ([], "expected an object"),
        (changed("objects", to=[" "]), "objects: name 0: expected a name"),
        (changed("images", to={}), "images: expected a list"),
        (changed("image", to=[]), "unknown key 'image'; did you mean 'images'"),
        (changed(*THING, "label", to=2), r"images\[0\].*there is no label 2 among 2"),
        (changed(*THING, "label", to=True), "expected a whole number"),
        (changed(*THING, "box", to=[0, 0, 1]), "expected \\[x0, y0, x1, y1\\]"),
        (changed(*THING, "box", to=[5, 0, 1, 1]), "expected \\[x0, y0, x1, y1\\]"),
        (changed(*THING, "box", to=[0, 0, 1, 1e30]), "expected pixels"),
        (changed(*THING, "box", to=[0, 0, 1, float("nan")]), "expected a finite number"),
        (changed(*RELATION, "object", to=7), "there is no object 7 among 2"),
        (changed(*RELATION, "predicates", to=[-1]), "there is no predicate -1 among 2"),
        (
            changed("images", 0, "objects", to=[{}] * (MAX_OBJECTS_PER_PICTURE + 1)),
            "expected at most",
        ),
        (changed("images", to=[{"objects": 1}] * 50), "and 1 more"),
    ],
)
def test_each_fault_is_one_line(tmp_path, value, message):
    with pytest.raises(DataError, match=message) as caught:
        read_vrd(written(tmp_path, value))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700 + len(str(tmp_path))


def test_bytes_that_are_no_text_are_told(tmp_path):
    path = tmp_path / "file.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        read_vrd(path)
