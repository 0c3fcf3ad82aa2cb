import json

import pytest

from jmere.data.release import read_release
from jmere.files import DataError


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
    items = [{**POST, "label_list": [tail_too_far, [no_kind]]}, POST, {**POST, "image": "x"}, 7]
    text = "[\n" + ",\n".join(json.dumps(item) for item in items) + "\n]"

    posts = read(tmp_path, text, on_problem=told.append)

    assert [post.id for post in posts] == ["b"]
    assert [(problem.line, problem.message) for problem in told] == [
        (2, "post 0: label_list[0]: tail: ends at word 5, but the text has 4 words"),
        (2, "post 0: label_list[1]: beg_ent: tags: missing"),
        (4, "post 2: unknown key 'image'; known: img_id, label_list, token"),
        (5, "post 3: expected an object, got 7"),
    ]


def test_what_precedes_broken_json_is_read(tmp_path):
    told = []

    posts = read(tmp_path, f"[{json.dumps(POST)},\n{{'token'", on_problem=told.append)

    assert len(posts) == 1
    assert [(problem.line, problem.message[:9]) for problem in told] == [(2, "not JSON:")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"release\.json:1: expected a JSON list of posts"),
        (json.dumps(POST), r"release\.json:1: expected a JSON list of posts"),
        (f"[{json.dumps(POST)}", r"expected ',' or '\]' after a post"),
        (f"[{json.dumps(POST)}] 1", "something follows the list"),
        ("[" * 100_000, "not JSON"),
        (json.dumps([POST]).encode().replace(b"Bill", b"Bi\xffl"), "word 0: is not valid Unicode"),
    ],
)
def test_what_is_no_release_file_is_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)
