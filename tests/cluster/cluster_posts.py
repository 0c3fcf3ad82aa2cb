"""Posts of the tests of the cluster, and what becomes of them."""

import json
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
