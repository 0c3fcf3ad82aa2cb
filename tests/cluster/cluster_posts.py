"""Posts of the tests of the cluster, and what becomes of them."""

import json
import time
from pathlib import Path


def lines(count, first=0):
    """Posts as lines of JSON."""
    texts = (
        "Stephen Curry leads the Golden State Warriors",
        "Lionel Messi leaves Barcelona",
        "Grace Hopper joins the US Navy in New York",
    )
    return [
        json.dumps({"id": f"p{number}", "text": f"{texts[number % 3]} #{number}"}) + "\n"
        for number in range(first, first + count)
    ]


def parts_of(out):
    """The lines of all parts, in order."""
    return "".join(part.read_text() for part in sorted(Path(out).glob("part-*.jsonl")))


def wait_for(condition, *, seconds):
    """Wait until it is so; an error after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.05)
