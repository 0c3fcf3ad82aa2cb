"""Posts of the tests of the cluster."""

import json


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
