import json
from collections import Counter

import pytest

from jmere.data.readers.jmere import UNKNOWN_TAG, UNLABELLED, WITHOUT_RELATION, read_release
from jmere.errors import DataError


def entity(start, end, kind):
    return {"name": "x", "pos": [start, end], "tags": kind}


LABEL = {
    "beg_ent": entity(0, 1, "per"),
    "sec_ent": entity(2, 4, "loc"),
    "relation": "place_of_birth",
}
POST = {"token": ["Bill", "in", "New", "York"], "img_id": "b.jpg", "label_list": [[LABEL]]}


def read(tmp_path, text, **options):
    path = tmp_path / "release.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read_release(path, **options))


@pytest.mark.parametrize("labels", [[[LABEL]], [LABEL]], ids=["in lists", "plain"])
def test_a_label_may_stand_in_a_list_of_its_own(tmp_path, labels):
    [post] = read(tmp_path, json.dumps([{**POST, "label_list": labels}]))

    [quintuple] = post.quintuples
    assert (post.id, post.image) == ("b", "b.jpg")
    assert (quintuple.head.text, quintuple.relation) == ("Bill", "place_of_birth")
    assert (quintuple.tail.text, quintuple.tail.start, quintuple.tail.end) == ("New York", 8, 16)


def test_posts_of_one_image_have_ids_of_their_own(tmp_path):
    assert [post.id for post in read(tmp_path, json.dumps([POST, POST]))] == ["b", "b-2"]


def test_an_empty_list_has_no_posts(tmp_path):
    assert read(tmp_path, "\ufeff [ ] \r\n") == []


def test_each_faulty_post_is_told_with_line_and_number_and_the_rest_is_read(tmp_path):
    told = []
    tail_too_far = {**LABEL, "sec_ent": entity(2, 5, "loc")}
    no_kind = {**LABEL, "beg_ent": {"name": "x", "pos": [0, 1]}}
    items = [{**POST, "label_list": [tail_too_far, [no_kind]]}, POST, {**POST, "img_id": 7.5}, 7]
    text = "[\n" + ",\n".join(json.dumps(item) for item in items) + "\n]"

    posts = read(tmp_path, text, on_problem=told.append)

    assert [post.id for post in posts] == ["b"]
    assert [(problem.line, problem.message) for problem in told] == [
        (2, "post 0: label_list[0]: tail: ends at word 5, but the text has 4 words"),
        (2, "post 0: label_list[1]: beg_ent: tags: missing"),
        (4, "post 2: img_id: expected a string, got 7.5"),
        (5, "post 3: expected an object, got 7"),
    ]


def test_what_precedes_a_broken_end_is_read(tmp_path):
    told = []

    posts = read(tmp_path, f"[{json.dumps(POST)},\n{{'token'", on_problem=told.append)

    assert len(posts) == 1
    assert [(problem.line, problem.message[:25]) for problem in told] == [
        (2, "post 1: the list does not")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("7", r"release\.json:1: post 0: expected an object, got 7"),
        ("posts", r"release\.json:1: post 0: neither JSON nor a Python literal"),
        (f"[{json.dumps(POST)}", r"post 0: the list does not end: expected '\]'"),
        (f"[{json.dumps(POST)}] 1", "unexpected content after the list"),
        ("[" * 100_000, "the list does not end"),
        (json.dumps([POST]).encode().replace(b"Bill", b"Bi\xffl"), "word 0: is not valid Unicode"),
    ],
)
def test_what_is_no_release_file_is_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


DIALECTS = {
    "lines": f"{json.dumps(POST)}\n{json.dumps(POST)}\n",
    "a Python list": str([POST, POST]),
    "other keys": json.dumps([{**POST, "source": "x"}, POST]),
    "tokens": json.dumps([POST, POST]).replace("token", "tokens"),
    "image_id": json.dumps([POST, POST]).replace("img_id", "image_id"),
    "type": json.dumps([POST, POST]).replace('"tags"', '"type"'),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_reads_as_the_plain_form_does(tmp_path, dialect):
    def found(text):
        return [(post.id, post.image, post.quintuples) for post in read(tmp_path, text)]

    assert found(DIALECTS[dialect]) == found(json.dumps([POST, POST]))


def test_what_is_passed_over_is_counted(tmp_path):
    unrelated = {**LABEL, "relation": None, "sure": True}
    items = [{**POST, "label_list": [unrelated, LABEL]}, {"token": ["a"], "x": 1, "y": 2}]
    tally = Counter()

    posts = read(tmp_path, json.dumps(items), tally=tally)

    assert [len(post.quintuples) for post in posts] == [1, 0]
    assert tally == {WITHOUT_RELATION: 1, UNKNOWN_TAG: 3, UNLABELLED: 1}
