"""``jmere serve`` as a process, with the bundled model."""

import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from tempfile import TemporaryFile
from types import SimpleNamespace

import httpx
import pytest
from serving import bound_socket

from jmere import Extractor, Post
from waiting import until

POSTS = [
    Post(id="1", text="Stephen Curry leads the Golden State Warriors"),
    Post(id="2", text="Lionel Messi leaves Barcelona", alt_text="a man in a blue shirt"),
    Post(id="3", text=""),
    Post(id="4", text="cut \ud83d off"),
]

KEY = "key-of-the-tests"


def environment():
    return {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def command(*arguments):
    return [sys.executable, "-m", "jmere", "serve", *arguments]


@contextmanager
def process(*arguments):
    """A server's process once its model is loaded, with a client, and what it logs.

    The log goes to a file: a pipe that nobody reads is full after some hundred requests.
    """
    with (
        TemporaryFile("a+", encoding="utf-8") as log,
        subprocess.Popen(
            command("--port", "0", *arguments),
            stdout=subprocess.PIPE, stderr=log, text=True, env=environment(),
        ) as running,
    ):  # fmt: skip

        def logged():
            log.seek(0)
            return log.read()

        try:
            line = running.stdout.readline()
            url = re.fullmatch(r"jmere serves (http://127\.0\.0\.1:\d+)\n", line)
            assert url is not None, (line, logged())
            with httpx.Client(base_url=url[1], timeout=120, trust_env=False) as client:
                until(lambda: client.get("/readyz").status_code == 200, seconds=300)
                yield SimpleNamespace(process=running, client=client, logged=logged)
        finally:
            running.kill()


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    keys = tmp_path_factory.mktemp("keys") / "keys"
    keys.write_text(KEY + "\n")
    with process("--api-key-file", str(keys), "--names", "0.5") as running:
        running.client.headers["Authorization"] = f"Bearer {KEY}"
        yield running


def test_results_are_those_of_the_extractor(at):
    body = {"posts": [post.to_dict() for post in POSTS]}
    results = at.client.post("/v1/extract", content=json.dumps(body), headers={
        "Content-Type": "application/json"}).json()["results"]  # fmt: skip
    extractor = Extractor.from_pretrained(names=0.5)
    expected = [found.to_dict() for found in extractor.stream(POSTS)]
    assert [name["text"] for name in expected[1]["names"]] == ["Lionel Messi", "Barcelona"]
    for got, wanted in zip(results, expected, strict=True):
        for one, other in zip(got.pop("quintuples"), wanted.pop("quintuples"), strict=True):
            assert one.pop("score") == pytest.approx(other.pop("score"), abs=1e-4)
            assert one == other
        got.pop("groundings", None), wanted.pop("groundings", None)
        assert got == json.loads(json.dumps(wanted))


def test_a_picture_that_is_none_is_a_warning_as_on_the_command_line(at):
    response = at.client.post(
        "/v1/extract", data={"text": "Lionel Messi"}, files={"image": b"no picture"}
    )
    (result,) = response.json()["results"]
    assert "picture" in result["warnings"][0]


def test_the_page_and_its_files_are_served(at):
    page = at.client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    for name in re.findall(r'(?:src|href)="(static/[^"]+)"', page.text):
        assert at.client.get(f"/{name}").status_code == 200, name


def test_keys_are_wanted(at):
    response = httpx.get(f"{at.client.base_url}/v1/model", trust_env=False)
    assert response.status_code == 401


def test_a_signal_ends_the_server_after_what_it_has_accepted():
    with process() as at, ThreadPoolExecutor(8) as pool:
        body = {"posts": [{"id": str(n), "text": "Ann met Bob in Bonn. " * 20} for n in range(16)]}

        def send():
            with httpx.Client(timeout=300, trust_env=False) as own:
                return own.post(f"{at.client.base_url}/v1/extract", json=body)

        accepted = [pool.submit(send) for _ in range(8)]
        until(lambda: "jmere_queue_posts 0.0" not in at.client.get("/metrics").text)
        at.process.send_signal(signal.SIGTERM)
        responses = [each.result() for each in accepted]
        assert [each.status_code for each in responses] == [200] * 8
        assert all(len(each.json()["results"]) == 16 for each in responses)
        at.process.communicate(timeout=60)
        logged = at.logged()
    assert at.process.returncode == 0
    lines = [json.loads(line) for line in logged.splitlines()]
    assert sum(line.get("path") == "/v1/extract" for line in lines) == 8
    assert "Bonn" not in logged


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "no/such/model"], "no/such/model"),
        (["--api-key-file", "no-such-file"], "no-such-file"),
        (["--store", "no-such-store"], "no-such-store: is no graph store"),
        (["--host", "256.1.1.1"], "cannot serve on 256.1.1.1"),
        (["--port", "70000"], "65535"),
    ],
)
def test_wrong_input_is_one_line(tmp_path, arguments, message):
    if "--store" in arguments:
        pytest.importorskip("pyoxigraph", reason="needs the extra store")
    given = ["--port", "0", *arguments] if "--port" not in arguments else arguments
    done = subprocess.run(
        ["env", "-C", str(tmp_path), *command(*given)],
        check=False, capture_output=True, text=True, env=environment(), timeout=300,
    )  # fmt: skip
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    *warnings, line = told
    assert all("without --api-key-file" in warning for warning in warnings)
    assert line.startswith("jmere: ")
    assert message in line


def test_a_port_that_is_taken_is_an_error():
    with bound_socket("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            command("--port", port),
            check=False, capture_output=True, text=True, env=environment(), timeout=300,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == f"jmere: cannot serve on 127.0.0.1:{port}: Address already in use\n"
