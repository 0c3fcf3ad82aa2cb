import base64
import json

import pytest
from serving import FakeExtractor, error_of, serving, texts


@pytest.fixture(scope="module")
def at():
    with serving(max_posts=5, max_text=1000, max_pictures=2) as running:
        yield running


def post(at, body, **options):
    return at.client.post("/v1/extract", json=body, **options)


def test_results_are_in_the_order_of_the_posts(at):
    response = post(at, texts("Ann reads", "Bob writes", "Cid sings"))
    assert response.status_code == 200
    results = response.json()["results"]
    assert [each["id"] for each in results] == ["0", "1", "2"]
    assert [each["entities"][0]["text"] for each in results] == ["Ann", "Bob", "Cid"]
    assert all(each["schema_version"] == 1 for each in results)


def test_no_posts_have_no_results(at):
    assert post(at, {"posts": []}).json() == {"results": []}


def test_ids_may_be_numbers_or_absent(at):
    results = post(at, {"posts": [{"id": 7, "text": "a"}, {"tokens": ["b", "c"]}]}).json()
    assert [(each.get("id"), each["text"]) for each in results["results"]] == [
        ("7", "a"),
        (None, "b c"),
    ]


def test_origin_reaches_the_extractor(at):
    origin = {"time": "2024-05-01", "author": "ann", "url": "https://x.example", "language": "en"}
    assert post(at, {"posts": [{"text": "a", **origin}]}).status_code == 200
    given = at.extractor.batches[-1][0]
    assert {name: getattr(given, name) for name in origin} == origin


def test_fields_of_files_that_say_nothing_here_are_passed_over(at):
    assert post(at, {"posts": [{"text": "a", "quintuples": [], "likes": 3}]}).status_code == 200


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"posts": [{"text": "a"}, {"text": 3}]}, "posts[1].text"),
        ({"posts": [{"text": "a", "alt_text": []}]}, "posts[0].alt_text"),
        ({"posts": [{"id": "1"}]}, "posts[0]"),
        ({"posts": [{"id": [], "text": "a"}]}, "posts[0].id"),
        ({"posts": [{"id": 2**70, "text": "a"}]}, "posts[0].id"),
        ({"posts": [{"id": True, "text": "a"}]}, "posts[0].id"),
        ({"posts": [{"text": "a", "tokens": ["b"]}]}, "posts[0]"),
        ({"posts": [{"text": "x" * 1001}]}, "posts[0].text"),
        ({"posts": [{"tokens": ["x" * 1001]}]}, "posts[0].tokens"),
        ({"posts": [{"tokens": ["x", 3]}]}, "posts[0].tokens[1]"),
        ({"posts": [{"text": "a", "image": "no base64!"}]}, "posts[0].image"),
        ({"posts": [{"text": "a", "image": "http://127.0.0.1/x.jpg"}]}, "posts[0].image"),
        ({"posts": [{"text": "a", "image": "file:///etc/passwd"}]}, "posts[0].image"),
        ({"posts": [{"text": "a", "scene_graph": {"objects": 1}}]}, "posts[0].scene_graph"),
        ({"posts": "a"}, "posts"),
        ({}, "posts"),
        ({"posts": [], "post": 1}, "post"),
        ([], "body"),
    ],
)
def test_a_wrong_field_is_named(at, body, where):
    assert error_of(post(at, body), 422, "invalid")["where"] == where


def test_half_of_a_surrogate_pair_is_left_to_the_extractor_which_replaces_it(at):
    body = b'{"posts": [{"text": "cut \\ud83d off"}]}'
    response = at.client.post(
        "/v1/extract", content=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 200
    assert at.extractor.batches[-1][0].text == "cut \ud83d off"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"posts": [\xff]}', b"[" * 100_000, b'{"posts": [' + b"9" * 5000 + b"]}"],
)
def test_what_is_not_json_is_a_bad_request(at, body):
    response = at.client.post(
        "/v1/extract", content=body, headers={"Content-Type": "application/json"}
    )
    error_of(response, 400, "invalid_json")


def test_too_many_posts_or_pictures_are_too_large(at):
    assert error_of(post(at, texts(*"abcdef")), 413, "too_large")["where"] == "posts"
    picture = base64.b64encode(b"picture").decode()
    body = {"posts": [{"text": "a", "image": picture}] * 3}
    assert "3 pictures" in error_of(post(at, body), 413, "too_large")["message"]


def test_a_picture_arrives_as_bytes_and_is_never_opened_as_a_path(at, tmp_path):
    (tmp_path / "abcd").write_bytes(b"secret")
    value = str(tmp_path / "abcd")
    given = post(at, {"posts": [{"text": "a", "image": base64.b64encode(b"jpeg").decode()}]})
    assert given.status_code == 200
    assert at.extractor.batches[-1][0].image == b"jpeg"
    value = "etc/hosts/aa"  # a path that is base64, too
    assert post(at, {"posts": [{"text": "a", "image": value}]}).status_code == 200
    assert at.extractor.batches[-1][0].image == base64.b64decode(value)


def test_a_form_has_one_post_and_its_picture(at):
    response = at.client.post(
        "/v1/extract",
        data={"id": "7", "text": "Ann reads", "alt_text": "a book"},
        files={"image": ("../../x.jpg", b"jpeg", "image/jpeg")},
    )
    assert [each["id"] for each in response.json()["results"]] == ["7"]
    given = at.extractor.batches[-1][0]
    assert (given.image, given.alt_text) == (b"jpeg", "a book")


def test_a_form_may_have_its_post_as_json(at):
    response = at.client.post(
        "/v1/extract",
        files={"post": (None, json.dumps({"id": "8", "text": "Ann"})), "image": b"jpeg"},
    )
    assert [each["id"] for each in response.json()["results"]] == ["8"]
    assert at.extractor.batches[-1][0].image == b"jpeg"


@pytest.mark.parametrize(
    ("form", "where"),
    [
        ({"id": "1"}, "post"),
        ({"text": "a", "link": "http://x"}, "link"),
        ({"text": "a", "image": "http://x"}, "image"),
        ({"text": ["a", "b"]}, "text"),
        ({"post": '{"text": 3}'}, "text"),
    ],
)
def test_a_wrong_field_of_a_form_is_named(at, form, where):
    files = {"image": b"jpeg"} if "image" not in form else {"other": b""}
    response = at.client.post("/v1/extract", data=form, files=files)
    assert error_of(response, 422, "invalid")["where"] == where


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_malformed_form_is_a_bad_request(at, kind):
    response = at.client.post(
        "/v1/extract", content=b"--y\r\nnothing", headers={"Content-Type": kind}
    )
    error_of(response, 400, "invalid_form")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_media_types_are_refused(at, kind):
    response = at.client.post("/v1/extract", content=b"{}", headers={"Content-Type": kind})
    assert error_of(response, 415, "unsupported_media_type")["where"] == "Content-Type"


def test_unknown_paths_and_methods_have_the_same_form(at):
    assert error_of(at.client.get("/v2"), 404, "not_found")["where"] == "/v2"
    response = at.client.get("/v1/extract")
    error_of(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "POST"
    error_of(at.client.post("/v1/extract/", json=texts("a")), 404, "not_found")
    error_of(at.client.get("/static/no-such-file.js"), 404, "not_found")
    error_of(at.client.get("/static/..%2fapp.py"), 404, "not_found")


def test_a_fault_of_the_server_is_an_error_without_details():
    with serving(FakeExtractor()) as at:
        error = error_of(post(at, texts("fail: secret")), 500, "internal_error")
        assert "secret" not in json.dumps(error)
