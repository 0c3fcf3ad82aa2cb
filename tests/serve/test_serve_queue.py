from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from serving import FakeExtractor, error_of, serving, texts

from waiting import until


@pytest.fixture
def pool():
    with ThreadPoolExecutor(40) as threads:
        yield threads


def send(at, body):
    with httpx.Client(base_url=f"http://127.0.0.1:{at.port}", timeout=30, trust_env=False) as own:
        return own.post("/v1/extract", json=body)


def held():
    extractor = FakeExtractor()
    extractor.free.clear()
    return extractor


def busy(at, pool):
    """A request that the extractor works on until it is set free."""
    future = pool.submit(send, at, texts("first"))
    until(lambda: at.extractor.batches)
    return future


def waiting(at):
    return at.app.state.service.batcher.waiting


def test_concurrent_requests_are_computed_together_and_answered_apart(pool):
    with serving(held()) as at:
        first = busy(at, pool)
        bodies = [texts(f"Ann{n} reads", f"Bob{n} writes") for n in range(20)]
        futures = [pool.submit(send, at, body) for body in bodies]
        until(lambda: waiting(at) == 40)
        at.extractor.free.set()
        for body, future in zip(bodies, futures, strict=True):
            results = future.result().json()["results"]
            assert [r["text"] for r in results] == [p["text"] for p in body["posts"]]
        assert first.result().status_code == 200
        assert [len(batch) for batch in at.extractor.batches] == [1, 40]


def test_a_batch_is_no_larger_than_it_may_be(pool):
    with serving(held(), max_batch=8) as at:
        busy(at, pool)
        futures = [pool.submit(send, at, texts("a", "b", "c")) for _ in range(6)]
        until(lambda: waiting(at) == 18)
        at.extractor.free.set()
        assert all(future.result().status_code == 200 for future in futures)
        assert [len(batch) for batch in at.extractor.batches] == [1, 6, 6, 6]


def test_a_full_queue_refuses_and_says_when_to_come_again(pool):
    with serving(held(), max_queue=4, max_posts=4) as at:
        first = busy(at, pool)
        second = pool.submit(send, at, texts(*"abcd"))
        until(lambda: waiting(at) == 4)
        response = send(at, texts("e"))
        error_of(response, 429, "busy")
        assert int(response.headers["retry-after"]) >= 1
        at.extractor.free.set()
        assert {each.result().status_code for each in (first, second)} == {200}
        assert send(at, texts("e")).status_code == 200


def test_one_request_that_fails_does_not_take_others_along(pool):
    with serving(held()) as at:
        first = busy(at, pool)
        good = [pool.submit(send, at, texts(f"Ann{n}")) for n in range(3)]
        bad = pool.submit(send, at, texts("fail"))
        until(lambda: waiting(at) == 4)
        at.extractor.free.set()
        assert first.result().status_code == 200
        error_of(bad.result(), 500, "internal_error")
        assert [each.result().json()["results"][0]["text"] for each in good] == [
            "Ann0",
            "Ann1",
            "Ann2",
        ]


def test_a_request_that_takes_too_long_is_given_up_and_not_computed(pool):
    with serving(held(), timeout=3) as at:
        pool.submit(send, at, texts("first"))
        until(lambda: at.extractor.batches)
        response = send(at, texts("late"))
        error_of(response, 503, "timeout")
        assert "retry-after" in response.headers
        assert waiting(at) == 0
        at.extractor.free.set()
        assert send(at, texts("Ann")).status_code == 200
        assert "late" not in [post.text for batch in at.extractor.batches for post in batch]


def test_a_client_that_goes_away_leaves_the_queue(pool):
    with serving(held()) as at:
        busy(at, pool)
        own = httpx.Client(base_url=f"http://127.0.0.1:{at.port}", timeout=1, trust_env=False)
        with own, pytest.raises(httpx.ReadTimeout):
            own.post("/v1/extract", json=texts("gone"))
        until(lambda: waiting(at) == 0)


def test_a_server_that_stops_finishes_what_it_has_accepted(pool):
    with serving(held()) as at:
        accepted = [busy(at, pool), *(pool.submit(send, at, texts(f"Ann{n}")) for n in range(5))]
        until(lambda: waiting(at) == 5)
        at.server.should_exit = True
        at.extractor.free.set()
        assert [each.result().status_code for each in accepted] == [200] * 6


def test_requests_wait_until_the_model_is_loaded(pool):
    extractor = held()

    def load():
        assert extractor.free.wait(30)
        return extractor

    with serving(extractor, load=load) as at:
        error_of(at.client.get("/readyz"), 503, "loading")
        error_of(at.client.get("/v1/model"), 503, "loading")
        assert at.client.get("/healthz").json() == {"status": "ok"}
        early = pool.submit(send, at, texts("Ann"))
        until(lambda: waiting(at) == 1)
        extractor.free.set()
        assert early.result().status_code == 200
        assert at.client.get("/readyz").json() == {"status": "ready"}


def test_without_a_model_requests_are_refused():
    def load():
        raise FileNotFoundError("no such model")

    with serving(load=load) as at:
        until(lambda: at.app.state.service.batcher.failure is not None)
        error_of(send(at, texts("Ann")), 503, "unavailable")
        error_of(at.client.get("/readyz"), 503, "loading")
