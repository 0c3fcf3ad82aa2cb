"""A stand-in for the Hub's API on the loopback interface: repositories, commits and LFS."""

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGE = (".safetensors", ".npz", ".onnx", ".bin")
"""Ends of the names of files that go through LFS, as the Hub's .gitattributes says."""


class Hub(BaseHTTPRequestHandler):
    """Answers what a client of the Hub asks when it creates a repository and commits."""

    def do_GET(self):
        self._answer({"id": "me/model", "sha": "0" * 40, "siblings": []})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.tokens.add(self.headers.get("Authorization"))
        base = f"http://{self.headers['Host']}"
        if self.path == "/api/repos/create":
            self.server.created.append(json.loads(body))
            self._answer({"url": f"{base}/me/model", "name": "me/model"})
        elif self.path == "/api/validate-yaml":
            self.server.cards.append(json.loads(body)["content"])
            self._answer({"errors": [], "warnings": []})
        elif "/preupload/" in self.path:
            files = json.loads(body)["files"]
            modes = [
                {
                    "path": each["path"],
                    "uploadMode": "lfs" if each["path"].endswith(LARGE) else "regular",
                    "shouldIgnore": False,
                }
                for each in files
            ]
            self._answer({"files": modes})
        elif self.path.endswith(".git/info/lfs/objects/batch"):
            asked = json.loads(body)
            assert asked["operation"] == "upload"
            objects = [self._actions(base, each) for each in asked["objects"]]
            self._answer({"transfer": "basic", "objects": objects})
        elif self.path == "/lfs/verify":
            asked = json.loads(body)
            known = self.server.objects.get(asked["oid"])
            self._answer({}, 200 if known is not None and len(known) == asked["size"] else 422)
        elif "/commit/" in self.path:
            for line in body.splitlines():
                item = json.loads(line)
                if item["key"] == "file":
                    value = item["value"]
                    self.server.files[value["path"]] = base64.b64decode(value["content"])
                elif item["key"] == "lfsFile":
                    value = item["value"]
                    content = self.server.objects[value["oid"]]
                    assert (value["algo"], value["size"]) == ("sha256", len(content))
                    self.server.files[value["path"]] = content
                    self.server.large.add(value["path"])
                elif item["key"] == "header":
                    self.server.messages.append(item["value"]["summary"])
            self._answer({"commitUrl": f"{base}/me/model/commit/1", "commitOid": "1" * 40})
        else:
            self._answer({}, 404)

    def do_PUT(self):
        """Store an object that is what its name says, as the storage behind LFS does."""
        content = self.rfile.read(int(self.headers["Content-Length"]))
        oid = self.path.removeprefix("/lfs/put/")
        if hashlib.sha256(content).hexdigest() != oid:
            self._answer({}, 400)
            return
        self.server.objects[oid] = content
        self._answer({})

    def _actions(self, base, each):
        put = {"href": f"{base}/lfs/put/{each['oid']}", "header": {}}
        actions = {"upload": put, "verify": {"href": f"{base}/lfs/verify", "header": {}}}
        known = each["oid"] in self.server.objects
        return each if known else {**each, "actions": actions}

    def _answer(self, value, code=200):
        data = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@contextmanager
def hub():
    """Run the stand-in; its ``files``, ``created``, ``messages`` and ``tokens`` are what came.

    ``large`` has the names of the files that came through LFS.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.files, server.created, server.messages, server.tokens = {}, [], [], set()
    server.cards, server.objects, server.large = [], {}, set()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
