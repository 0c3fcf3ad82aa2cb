"""Posts that kill or fail: the others have results, in order."""

import pytest

from jmere.ray.death_ledger import DeathLedger
from jmere.ray.survived import Failure, Survivor
from jmere.records import Extraction, Post


class Marks:
    """Marks in a ledger of this process."""

    def __init__(self, ledger):
        self.ledger, self.marked = ledger, []

    def begin(self):
        return self.ledger.begin("task")

    def mark(self, start, stop):
        self.marked.append((start, stop))
        self.ledger.mark("task", start, stop)

    def rest(self):
        self.ledger.rest("task")

    def end(self):
        self.ledger.end("task")


class Killed(BaseException):
    """Stands for the end of the process."""


class Reader:
    """Extracts nothing, four posts at a time, and fails at texts that say so."""

    def extract(self, post):
        if post.text == "kill":
            raise Killed
        if post.text == "wrong":
            raise ArithmeticError("two and two\nare five")
        return Extraction(post.id, post.text, (), ())

    def stream(self, posts, *, batch_size):
        chunk = []
        for post in posts:
            chunk.append(post)
            if len(chunk) == 4:
                yield from [self.extract(each) for each in chunk]
                chunk = []
        yield from [self.extract(each) for each in chunk]


def attempt(ledger, texts):
    """One worker's attempt at a task: what it finds, and what it marks."""
    marks = Marks(ledger)
    survivor = Survivor(extractor=Reader(), marks=marks, deaths=marks.begin(), batch_size=1)
    posts = (Post(text, id=str(number)) for number, text in enumerate(texts))
    return list(survivor.results(posts)), marks.marked


def attempts(ledger, texts):
    """Attempts until one ends: what it finds, and how many workers have died before."""
    deaths = 0
    while True:
        try:
            found, _ = attempt(ledger, texts)
            break
        except Killed:
            deaths += 1
    return found, deaths


def outcome(found):
    return [each.reason if isinstance(each, Failure) else each.id for each in found]


def test_posts_are_marked_before_they_are_computed():
    found, marked = attempt(DeathLedger(), ["a"] * 20)
    assert outcome(found) == [str(number) for number in range(20)]
    assert marked == [(0, 8), (8, 16), (16, 24)]


def test_the_third_death_is_a_posts_last_and_the_others_have_results():
    texts = ["a"] * 10 + ["kill"] + ["a"] * 10
    found, deaths = attempts(DeathLedger(), texts)
    assert deaths == 3
    expected = [str(number) for number in range(21)]
    expected[10] = "killed its worker 3 times"
    assert outcome(found) == expected


def test_two_posts_that_kill_are_both_found():
    found, deaths = attempts(DeathLedger(), ["a", "kill", "a", "kill", *["a"] * 30, "kill"])
    failed = [place for place, each in enumerate(found) if isinstance(each, Failure)]
    assert failed == [1, 3, 34]
    assert deaths <= 9


def test_a_death_outside_of_posts_blames_none():
    ledger = DeathLedger()
    ledger.begin("task")
    assert ledger.begin("task") == ({}, 1)
    found, _ = attempt(ledger, ["a"])
    assert outcome(found) == ["0"]
    assert ledger.begin("task") == ({}, 3), "it died after the last post was computed"


def test_posts_that_raise_errors_fail_alone_and_marks_go_on():
    found, marked = attempt(DeathLedger(), ["a", "wrong", *["a"] * 7])
    assert outcome(found)[1] == "ArithmeticError: two and two are five"
    assert outcome(found)[2:] == ["2", "3", "4", "5", "6", "7", "8"]
    assert marked[:5] == [(0, 8), (0, 1), (1, 2), (2, 3), (3, 4)]
    assert marked[5] == (4, 12)


def test_an_error_of_the_input_comes_after_the_results_before_it():
    def posts():
        yield Post("a", id="0")
        raise OSError("the disk is gone")

    marks = Marks(DeathLedger())
    survivor = Survivor(extractor=Reader(), marks=marks, deaths=marks.begin())
    results = survivor.results(posts())
    assert next(results).id == "0"
    with pytest.raises(OSError, match="the disk is gone"):
        next(results)
