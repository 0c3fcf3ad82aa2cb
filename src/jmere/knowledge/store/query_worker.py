"""A process of its own for one query; it can be stopped at any time.

Standard input has the request as JSON. Standard output has a line of JSON, then the answer.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

from jmere.files.parent import end_with_parent
from jmere.knowledge.store.media_types import ROWS, TRIPLES, choose_type


class _Limited(io.BytesIO):
    """A buffer in memory that refuses to grow beyond a limit."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, block: Any) -> int:
        if self.tell() + len(block) > self._limit:
            raise OverflowError(f"the answer is larger than {self._limit:,} bytes; add a LIMIT")
        return super().write(block)


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    end_with_parent(request["parent"])
    _limit(request["seconds"], request["max_memory"])
    status, media_type, message, body = _answer(request)
    header = json.dumps({"status": status, "media_type": media_type, "message": message})
    sys.stdout.buffer.write(header.encode() + b"\n" + body)


def _limit(seconds: float, max_memory: int) -> None:
    """Limit time and memory, so that the process ends even if nobody stops it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    whole = int(seconds) + 2
    for kind, most in ((resource.RLIMIT_CPU, 4 * whole), (resource.RLIMIT_AS, max_memory)):
        _, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(request: dict[str, Any]) -> tuple[str, str, str, bytes]:
    import pyoxigraph

    try:
        store = pyoxigraph.Store.read_only(request["path"])
    except OSError as error:
        return "unreadable", "", str(error), b""
    try:
        found: Any = store.query(request["query"], prefixes=request["prefixes"])
        is_graph = isinstance(found, pyoxigraph.QueryTriples)
        formats = TRIPLES if is_graph else ROWS
        media_type = choose_type(request["accept"], formats)
        if media_type is None:
            return "not acceptable", "", f"expected one of: {', '.join(formats)}", b""
        kind: Any = pyoxigraph.RdfFormat if is_graph else pyoxigraph.QueryResultsFormat
        out = _Limited(request["max_bytes"])
        form = getattr(kind, formats[media_type])
        if is_graph and formats[media_type] == "TURTLE":
            pyoxigraph.serialize(found, out, form, prefixes=request["prefixes"])
        else:
            found.serialize(out, format=form)
    except (SyntaxError, ValueError, OSError, OverflowError, RuntimeError, MemoryError) as error:
        return "wrong", "", str(error), b""
    return "ok", media_type, "", out.getvalue()


if __name__ == "__main__":
    main()
