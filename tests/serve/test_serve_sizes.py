import json

import pytest
from serving import error_of, raw_exchange, serving, texts

HEAD = b"POST /v1/extract HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def at():
    with serving(max_body=1000, max_buffered=4000, read_timeout=2, max_values=20) as running:
        yield running


def test_a_body_that_is_announced_as_too_large_is_refused_before_it_comes(at):
    answer = raw_exchange(at.port, HEAD + b"Content-Length: 9999999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()


def test_a_body_of_unknown_size_is_refused_when_it_is_too_large(at):
    chunk = b"200\r\n" + b"x" * 512 + b"\r\n"
    answer = raw_exchange(at.port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", then=chunk * 3)
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_client_that_sends_all_the_same_gets_the_answer(at):
    response = at.client.post("/v1/extract", json=texts("x" * 5_000_000))
    assert error_of(response, 413, "too_large")["where"] == "body"


def test_a_form_that_is_too_large_is_refused(at):
    response = at.client.post("/v1/extract", data={"text": "a"}, files={"image": b"x" * 2000})
    error_of(response, 413, "too_large")


def test_json_with_too_many_values_is_refused(at):
    response = at.client.post("/v1/extract", json={"posts": [0] * 50})
    error_of(response, 413, "too_large")


def test_a_body_that_does_not_arrive_is_given_up(at):
    answer = raw_exchange(at.port, HEAD + b"Content-Length: 100\r\n\r\n", then=b"{")
    assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\x01\x02 nonsense\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
        HEAD + b"Content-Length: many\r\n\r\n",
    ],
    ids=["bytes", "two hosts", "large headers", "length"],
)
def test_what_is_no_http_is_an_error_in_the_form_of_all_others(at, request_bytes):
    head, _, body = raw_exchange(at.port, request_bytes).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"x-content-type-options: nosniff" in head.lower()
    error = json.loads(body)["error"]
    assert (error["code"], error["where"]) == ("bad_request", None)
    assert "not valid HTTP" in error["message"]


def test_the_server_works_on_after_all_that(at):
    assert at.client.post("/v1/extract", json=texts("Ann")).status_code == 200
    assert at.app.state.service.bodies.held == 0


def test_all_bodies_together_are_bounded():
    with serving(max_body=1000, max_buffered=100) as at:
        response = at.client.post("/v1/extract", json=texts("x" * 500))
        error_of(response, 429, "busy")
        assert response.headers["retry-after"] == "1"
