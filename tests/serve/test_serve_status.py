import base64
import json
import logging

import pytest
from serving import FakeExtractor, error_of, serving, texts

from jmere.errors import MissingExtraError
from jmere.records import SceneGraph, SceneObject, SceneRelation
from jmere.serve.json_logs import JsonFormatter
from jmere.serve.serve_config import ServeConfig
from jmere.serve.server_pixels import (
    UNAVAILABLE,
    PicturesUnavailableError,
    ServerPixels,
)
from jmere.vision.images import ImageError
from waiting import until

SCENE = SceneGraph(
    (SceneObject("man", (0, 0, 5, 9), 0.9), SceneObject("hat", (1, 0, 3, 2), 0.8)),
    (SceneRelation(0, "wears", 1, 0.7),),
    (10, 10),
)


def look(picture):
    if picture == b"bad":
        raise ImageError("picture given as bytes: is not an image")
    if picture == b"no weights":
        raise FileNotFoundError("weights are not available")
    if picture == b"no pillow":
        raise MissingExtraError("pictures need: pip install 'jmere[vision]'")
    return SCENE


@pytest.fixture(scope="module")
def at():
    with serving(look=look) as running:
        until(lambda: running.app.state.service.batcher.extractor is not None)
        yield running


def test_the_model_tells_its_labels_and_the_limits(at):
    value = at.client.get("/v1/model").json()
    assert value["entity_types"] == ["per", "org"]
    assert value["relations"] == ["member_of"]
    assert value["limits"]["max_posts"] == ServeConfig().max_posts


def test_metrics_count_requests_posts_batches_and_stages(at):
    before = at.client.get("/metrics").text
    assert "jmere_ready 1.0" in before
    at.client.post("/v1/extract", json=texts("Ann", "Bob"))
    at.client.get("/nope/very/special")
    page = at.client.get("/metrics").text
    assert 'jmere_requests_total{method="POST",path="/v1/extract",status="200"} 1.0' in page
    assert 'jmere_requests_total{method="GET",path="(other)",status="404"} 1.0' in page
    assert "jmere_posts_total 2.0" in page
    assert "jmere_batch_posts_sum 2.0" in page
    assert "jmere_queue_posts 0.0" in page
    for stage in ("read", "wait", "extract", "write"):
        assert f'jmere_stage_seconds_count{{stage="{stage}"}} 1.0' in page
    assert "special" not in page


def test_a_scene_comes_from_a_picture_in_any_of_three_ways(at):
    encoded = base64.b64encode(b"jpeg").decode()
    for options in (
        {"json": {"image": encoded}},
        {"files": {"image": ("x.jpg", b"jpeg", "image/jpeg")}},
        {"content": b"jpeg", "headers": {"Content-Type": "image/jpeg"}},
    ):
        response = at.client.post("/v1/scene", **options)
        assert response.status_code == 200
        assert response.json() == json.loads(json.dumps(SCENE.to_dict()))


@pytest.mark.parametrize(
    ("picture", "status", "code"),
    [
        (b"bad", 422, "invalid"),
        (b"", 422, "invalid"),
        (b"no weights", 503, "unavailable"),
        (b"no pillow", 503, "unavailable"),
    ],
)
def test_a_picture_that_cannot_be_looked_at_is_an_error(at, picture, status, code):
    response = at.client.post("/v1/scene", content=picture, headers={"Content-Type": "image/png"})
    error = error_of(response, status, code)
    assert "weights" not in error["message"]


class NoDetector:
    """A reader of pictures whose detector is not there."""

    def scenes(self, pictures):
        for _ in pictures:
            yield FileNotFoundError("weights 'yolox' are not in /home/someone/.cache")


def test_clients_are_not_told_where_the_server_keeps_its_files(caplog):
    pixels = ServerPixels(NoDetector())
    with caplog.at_level(logging.WARNING):
        answers = list(pixels.scenes([b"one", b"two"]))
    assert [str(answer) for answer in answers] == [UNAVAILABLE] * 2
    assert caplog.messages == [
        "pictures are not read: weights 'yolox' are not in /home/someone/.cache"
    ]
    with pytest.raises(PicturesUnavailableError, match="detector is not installed"):
        pixels.scene(b"three")


def test_results_become_a_graph_in_each_format(at):
    ends = [{"text": "Ann", "start": 0, "end": 3, "type": "per"},
            {"text": "Bonn", "start": 13, "end": 17, "type": "loc"}]  # fmt: skip
    quintuple = {"head": ends[0], "tail": ends[1], "relation": "residence", "score": 0.9}
    results = [
        {"schema_version": 1, "id": str(n), "text": "Ann lives in Bonn", "quintuples": [quintuple],
         "entities": ends}
        for n in range(2)
    ]  # fmt: skip
    graph = at.client.post("/v1/graph", json={"results": results}).json()
    assert [node["label"] for node in graph["nodes"]] == ["Ann", "Bonn"]
    (edge,) = graph["edges"]
    assert (edge["relation"], edge["count"], edge["score"]) == ("residence", 2, 0.9)
    assert [each["post"] for each in edge["evidence"]] == ["0", "1"]
    none = at.client.post("/v1/graph", json={"results": results, "min_score": 0.95}).json()
    assert none["edges"] == []
    for form, kind in (
        ("ttl", "text/turtle"),
        ("nt", "application/n-triples"),
        ("jsonld", "application/ld+json"),
        ("graphml", "application/graphml+xml"),
    ):
        response = at.client.post("/v1/graph", json={"results": results, "format": form})
        assert response.headers["content-type"].startswith(kind)
        assert "Bonn" in response.text


def test_a_wrong_result_is_named(at):
    response = at.client.post("/v1/graph", json={"results": [{"id": "1", "quintuples": 3}]})
    assert error_of(response, 422, "invalid")["where"] == "results[0]"
    response = at.client.post("/v1/graph", json={"results": [], "format": "exe"})
    assert error_of(response, 422, "invalid")["where"] == "format"


def test_the_description_names_every_path(at):
    value = at.client.get("/openapi.json").json()
    assert value["openapi"].startswith("3.1")
    assert {"/v1/extract", "/v1/scene", "/v1/graph", "/v1/model", "/healthz", "/readyz",
            "/metrics"} <= value["paths"].keys()  # fmt: skip
    assert {"ExtractRequest", "PostIn", "ErrorResponse"} <= value["components"]["schemas"].keys()
    assert at.client.get("/docs").status_code == 404  # it would load scripts from elsewhere


@pytest.mark.parametrize("shown", [False, True])
def test_logs_have_facts_about_requests_and_texts_only_if_asked(caplog, shown):
    with caplog.at_level(logging.INFO, "jmere"), serving(FakeExtractor(), log_texts=shown) as at:
        at.client.post("/v1/extract", json=texts("Ann is secret"))
        at.client.post("/v1/extract", json=texts("fail secret"))
        at.client.post("/v1/extract", json={"posts": [{"text": ["secret"]}]})
        until(lambda: sum(r.getMessage() == "request" for r in caplog.records) == 3)
    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["path"], line["status"]) for line in requests] == [
        ("/v1/extract", 200),
        ("/v1/extract", 500),
        ("/v1/extract", 422),
    ]
    assert requests[0]["posts"] == 1
    assert requests[0]["level"] == "info"
    failure = next(line for line in lines if line["event"] == "failure")
    assert failure["error"] == "RuntimeError"
    assert failure["request"] == requests[1]["request"]
    assert ("secret" in json.dumps(lines)) == shown


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"max_posts": 0}, "max_posts"), ({"max_queue": 3}, "max_queue"), ({"timeout": 0}, "timeout")],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        ServeConfig(**settings)
