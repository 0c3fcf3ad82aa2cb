import hashlib
import io
import os
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
)
from urllib.response import addinfourl

import pytest

import jmere.pretrained.detectors
import jmere.pretrained.download
from jmere.pretrained.detectors import WeightsFile, fetch_weights, find_weights, registry
from jmere.pretrained.download import download, https_opener, until

CONTENT = bytes(range(256)) * 1000
TINY = WeightsFile(
    name="tiny",
    what="a test",
    file="tiny.onnx",
    address=f"https://weights.example/{'a' * 40}/tiny.onnx",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    size=len(CONTENT),
    licence="Apache-2.0",
)
OFFLINE = ("JMERE_OFFLINE", "HF_HUB_OFFLINE")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """The folder of fetched weights; ``tiny`` is the one name known."""
    for variable in (*OFFLINE, "JMERE_WEIGHTS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("JMERE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jmere.pretrained.detectors, "registry", lambda: {"tiny": TINY})
    return tmp_path / "cache" / "weights"


@pytest.fixture
def serve(monkeypatch):
    """Answers every address from a server of this machine; the paths asked for are kept."""

    @contextmanager
    def serving(body=CONTENT, *, status=200, length=None, pause=0.0, slow_headers=False):
        asked, over = [], threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                while slow_headers and not over.wait(pause):
                    self.wfile.write(b"H")
                self.send_response(status)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                if not pause:
                    self.wfile.write(body)
                for byte in body if pause else ():
                    if over.wait(pause):
                        break
                    self.wfile.write(bytes([byte]))

            def log_message(self, *_):
                pass

        class Local(OpenerDirector):
            def open(self, fullurl, data=None, timeout=1):
                return super().open(fullurl.replace("https://weights.example", host), data, timeout)

        class Timed(HTTPHandler):
            def http_open(self, request):
                return self.do_open(
                    until(time.monotonic() + local.seconds, HTTPConnection), request
                )

        local = Local()
        for handler in (Timed(), HTTPErrorProcessor(), HTTPDefaultErrorHandler()):
            local.add_handler(handler)

        def opener(seconds):
            local.seconds = seconds
            return local

        monkeypatch.setattr(jmere.pretrained.download, "https_opener", opener)
        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            host = f"http://127.0.0.1:{server.server_address[1]}"
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            try:
                yield asked
            finally:
                over.set()
                server.shutdown()
                thread.join()

    return serving


def put(folder, content=CONTENT):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / TINY.file
    path.write_bytes(content)
    return path


def left(folder):
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_weights_are_fetched_once(cache, serve, capsys):
    with serve() as asked:
        assert find_weights("tiny") == find_weights("tiny") == cache / "tiny.onnx"
    assert asked == [f"/{'a' * 40}/tiny.onnx"]
    assert (cache / "tiny.onnx").read_bytes() == CONTENT
    assert left(cache) == ["tiny.onnx"]
    assert capsys.readouterr().err == "fetching tiny.onnx: 0.0 of 0.3 MB\n"


def test_the_users_folders_come_first_then_the_cache_then_the_network(
    cache, serve, tmp_path, monkeypatch
):
    first, second = tmp_path / "first", tmp_path / "second"
    monkeypatch.setenv("JMERE_WEIGHTS", f"{first}{os.pathsep}{second}")
    with serve() as asked:
        assert find_weights("tiny") == cache / "tiny.onnx"
        put(second)
        assert find_weights("tiny") == second / "tiny.onnx"
        put(first)
        assert find_weights("tiny") == first / "tiny.onnx"
    assert len(asked) == 1


def test_ones_own_file_is_taken_as_it_is(tmp_path, monkeypatch):
    path = put(tmp_path, b"my own")
    assert find_weights(path) == find_weights(str(path)) == path


def test_a_file_in_the_way_does_not_take_a_known_name(cache, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("tiny").write_bytes(b"my own")
    put(cache)
    assert find_weights("tiny") == cache / "tiny.onnx"
    assert find_weights(Path("tiny")) == find_weights("./tiny") == Path("tiny")


@pytest.mark.parametrize("where", ["users", "cache"])
def test_a_file_of_another_checksum_is_refused(cache, tmp_path, monkeypatch, where):
    folder = cache if where == "cache" else tmp_path / "users"
    monkeypatch.setenv("JMERE_WEIGHTS", str(tmp_path / "users"))
    path = put(folder, CONTENT[:-1] + b"!")
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))}: sha256 .* of 'tiny'; remove"):
        find_weights("tiny")


def test_fetching_replaces_a_damaged_file(serve, tmp_path):
    path = put(tmp_path, b"damaged")
    with serve() as asked:
        assert fetch_weights("tiny", tmp_path) == fetch_weights("tiny", tmp_path) == path
    assert len(asked) == 1
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"body": CONTENT[:-1] + b"!"}, "got a file with sha256 "),
        ({"body": CONTENT[:1000]}, "got 1,000 bytes where 256,000 bytes expected"),
        ({"body": CONTENT[:1000], "length": len(CONTENT)}, "got 1,000 bytes where 256,000"),
        ({"body": CONTENT + b"!"}, "got more where 256,000 bytes expected"),
        ({"body": CONTENT * 50}, "got more where 256,000 bytes expected"),
        ({"body": b"gone", "status": 404}, "HTTP Error 404: Not Found"),
        ({"body": b""}, "got 0 bytes where"),
    ],
)
def test_what_is_not_the_file_leaves_nothing(cache, serve, answer, reason):
    with serve(**answer), pytest.raises(FileNotFoundError, match=f"could not be fetched.*{reason}"):
        find_weights("tiny")
    assert left(cache) == []


@pytest.mark.parametrize("slow_headers", [False, True])
def test_an_answer_that_never_ends_is_given_up(cache, serve, monkeypatch, slow_headers):
    monkeypatch.setattr(jmere.pretrained.download, "TIMEOUT", 0.2)
    monkeypatch.setattr(jmere.pretrained.download, "MIN_SPEED", len(CONTENT) / 0.3)
    started = time.monotonic()
    with (
        serve(pause=0.02, slow_headers=slow_headers),
        pytest.raises(FileNotFoundError, match=r"\(the response was incomplete after \d seconds\)"),
    ):
        find_weights("tiny")
    assert 0.4 < time.monotonic() - started < 5
    assert left(cache) == []


def test_an_interrupted_fetch_leaves_nothing(cache, serve, monkeypatch):
    def interrupted(blocks, total, *, name):
        yield next(iter(blocks))
        raise KeyboardInterrupt

    monkeypatch.setattr(jmere.pretrained.download, "progress_bytes", interrupted)
    with serve(), pytest.raises(KeyboardInterrupt):
        find_weights("tiny")
    assert left(cache) == []


def test_many_may_fetch_at_once(cache, serve):
    with serve(), ThreadPoolExecutor(8) as pool:
        found = set(pool.map(find_weights, ["tiny"] * 8))
    assert found == {cache / "tiny.onnx"}
    assert (cache / "tiny.onnx").read_bytes() == CONTENT
    assert left(cache) == ["tiny.onnx"]


@pytest.mark.parametrize("variable", OFFLINE)
def test_offline_one_line_says_which_file_to_put_where(cache, serve, monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    with serve() as asked, pytest.raises(FileNotFoundError) as caught:
        find_weights("tiny")
    assert asked == []
    assert str(caught.value) == (
        "weights 'tiny' are not available and could not be fetched "
        f"(offline, as ${variable} says): "
        f"put tiny.onnx (0.3 MB, sha256 {TINY.sha256}) into {cache} "
        f"or a folder named by $JMERE_WEIGHTS; it comes from {TINY.address}"
    )


def test_without_a_network_the_line_says_why(cache, monkeypatch):
    def unreachable(*_, **__):
        raise URLError(OSError("Name or service not known"))

    monkeypatch.setattr(OpenerDirector, "open", unreachable)
    with pytest.raises(FileNotFoundError, match=r"\(Name or service not known\): put tiny\.onnx"):
        find_weights("tiny")
    assert left(cache) == []


def test_nothing_is_fetched_where_that_is_not_wanted(serve):
    with serve() as asked, pytest.raises(FileNotFoundError, match="run 'jmere weights fetch tiny'"):
        find_weights("tiny", fetch=False)
    assert asked == []


def test_an_unknown_name_is_told_the_nearest():
    with pytest.raises(FileNotFoundError, match=r"^tiny\.onx: no such file .*'tiny'\?$"):
        find_weights("tiny.onx")
    with pytest.raises(ValueError, match="unknown weights 'tin'; did you mean 'tiny'"):
        fetch_weights("tin", ".")


@pytest.mark.parametrize("address", ["http://127.0.0.1/a", "file:///etc/passwd", "ftp://a.b/c"])
def test_only_https_is_opened(address):
    with pytest.raises(URLError, match="unknown url type"):
        https_opener(1.0).open(address)


def test_a_redirection_stays_with_https(tmp_path, monkeypatch):
    class Redirecting(HTTPSHandler):
        def __init__(self, deadline):
            super().__init__()

        def https_open(self, request):
            headers = Message()
            headers["Location"] = "http://127.0.0.1:9/tiny.onnx"
            answer = addinfourl(io.BytesIO(), headers, request.full_url, 302)
            answer.msg = "Found"
            return answer

    monkeypatch.setattr(jmere.pretrained.download, "_HTTPS", Redirecting)
    with pytest.raises(URLError, match="unknown url type: http"):
        download("https://a.b/c", tmp_path / "c", size=1, sha256="0" * 64)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", TINY.address.replace("https", "http")),
        ("address", "https://weights.example/main/tiny.onnx"),
        ("file", "../tiny.onnx"),
        ("file", ".hidden"),
        ("sha256", "a" * 63),
        ("size", 0),
    ],
)
def test_an_entry_is_checked(field, value):
    entry = {name: getattr(TINY, name) for name in TINY.__dataclass_fields__}
    with pytest.raises(ValueError, match=rf"tiny\.{field} must be"):
        WeightsFile(**{**entry, field: value})


def test_the_registry_is_whole():
    known = registry()  # reading it checks every entry
    assert list(known) == [weights.name for weights in known.values()]
    assert len({weights.file for weights in known.values()}) == len(known)


def test_the_registered_file_is_the_published_one(shared):
    sums = dict(
        reversed(line.split()) for line in (shared / "models/SHA256SUMS").read_text().splitlines()
    )
    weights = registry()["yolox-nano"]
    content = (shared / "models" / weights.file).read_bytes()
    assert (weights.size, weights.sha256) == (len(content), sums[weights.file])
    assert weights.sha256 == hashlib.sha256(content).hexdigest()
