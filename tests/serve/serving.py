"""A server in this process, over an extractor that a test can hold up."""

import socket
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import httpx

from jmere.records import Entity, Extraction, Post
from jmere.serve.app import create_app
from jmere.serve.serve_config import ServeConfig
from jmere.serve.server import bound_socket, make_server
from jmere.tags import TagSet
from waiting import until

TAGS = TagSet(("per", "org"), ("member_of",))


class FakeExtractor:
    """Finds the first word of each post; waits while it is held, and remembers its batches."""

    def __init__(self):
        self.tagger = SimpleNamespace(tags=TAGS)
        self.free = threading.Event()
        self.free.set()
        self.batches: list[list[Post]] = []

    def stream(self, posts, *, batch_size):
        posts = list(posts)
        self.batches.append(posts)
        assert self.free.wait(30)
        if any("fail" in post.text for post in posts):
            raise RuntimeError(f"cannot read {posts[0].text}")
        for post in posts:
            word = post.text.split(" ")[0]
            yield Extraction(post.id, post.text, (), (Entity(word, "per", 0, len(word)),))


@contextmanager
def serving(extractor=None, *, look=None, load=None, store=None, **settings):
    """Run a server on a free port; gives a client, the extractor and the application."""
    extractor = extractor or FakeExtractor()
    config = ServeConfig(**settings)
    app = create_app(load or (lambda: extractor), config, look=look, store=store)
    with bound_socket("127.0.0.1", 0) as listener:
        server = make_server(app, config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        try:
            until(lambda: server.started)
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False
            ) as client:
                yield SimpleNamespace(
                    client=client, extractor=extractor, app=app, port=port, server=server
                )
        finally:
            extractor.free.set()
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()


def texts(*given):
    """The body of a request."""
    return {"posts": [{"id": str(number), "text": text} for number, text in enumerate(given)]}


def error_of(response, status, code):
    """The error of a response, whose form is checked."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    value = response.json()
    assert value.keys() == {"error"}
    assert value["error"].keys() == {"code", "message", "where"}
    assert value["error"]["code"] == code
    assert value["error"]["message"]
    return value["error"]


def raw_exchange(port, request, *, then=b"", seconds=10.0):
    """Send bytes, and return what comes back until the server closes or falls silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(request)
        if then:
            connection.sendall(then)
        received = b""
        while b"\r\n\r\n" not in received:
            part = connection.recv(1 << 16)
            if not part:
                break
            received += part
        return received
