"""The pace of a long run: what is done, how fast, and how long the rest takes."""

from jmere.training.encoder import pace
from jmere.training.encoder.pace import Pace


def test_the_time_left_follows_from_what_is_done(monkeypatch):
    now = 100.0
    monkeypatch.setattr(pace.time, "monotonic", lambda: now)
    run = Pace(4000, "posts")
    now = 129.0
    assert not run.passed(100)
    now = 150.0
    assert run.passed(100)
    assert not run.passed(0)
    assert str(run) == "200 of 4,000 posts, 4.00 a second, 0:15:50 left"
