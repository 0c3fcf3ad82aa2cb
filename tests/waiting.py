"""Waiting for something that another thread or process does."""

import time


def until(condition, *, seconds=120.0):
    """Wait until the condition holds; an error after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not so after {seconds} s"
        time.sleep(0.01)
