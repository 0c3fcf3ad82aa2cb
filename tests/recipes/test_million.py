"""The recipe of a million posts counts ids and tells interruptions as they were."""

import importlib.util
import json
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="needs the extra graph")

PATH = Path(__file__).parents[2] / "recipes" / "million" / "run.py"


@pytest.fixture(scope="module")
def run():
    spec = importlib.util.spec_from_file_location("million_run", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sample(time, posts, seconds=10.0):
    speed = {"posts_per_second": 6.4, "megabytes": 600.0}
    return {"time": time, "seconds": seconds, "posts": posts, **speed}


def test_interruptions_are_found_and_drawn(run, tmp_path):
    samples = [sample(1000, 64), sample(1010, 128), sample(1110, 128), sample(1120, 192)]
    assert run.interruptions(samples) == [(2, 90.0)]
    assert run.worked(samples) == {
        "sessions": 2, "hours": 0.011, "posts_per_second": 4.8, "megabytes": 600
    }  # fmt: skip
    run.plot(samples, tmp_path / "plot.svg")
    run.plot([], tmp_path / "empty.svg")
    assert "<svg" in (tmp_path / "plot.svg").read_text("utf-8")


def test_a_sample_that_was_cut_is_passed_over(run, tmp_path):
    path = tmp_path / "samples.jsonl"
    path.write_text(json.dumps(sample(1, 2)) + '\n{"time": 3, "pos\n', encoding="utf-8")
    assert run.read(path) == [sample(1, 2)]


def test_lines_are_counted_on_and_anew_after_a_cut(run, tmp_path):
    found = tmp_path / "found.jsonl"
    part, lines = tmp_path / "found.jsonl.part", run.Lines(found)
    assert lines.count() == 0
    part.write_text("a\nb\nc", encoding="utf-8")
    assert lines.count() == 2
    part.write_text("a\n", encoding="utf-8")
    assert lines.count() == 1
    part.rename(found)
    with found.open("a", encoding="utf-8") as stream:
        stream.write("b\nc\n")
    assert lines.count() == 3


def test_ids_that_are_lost_doubled_or_strange_are_counted(run, tmp_path):
    posts, found = tmp_path / "posts.jsonl", tmp_path / "found.jsonl"
    for path, ids in ((posts, "abcd"), (found, "abbe")):
        path.write_text("".join(json.dumps({"id": each}) + "\n" for each in ids), encoding="utf-8")
    assert run.counted(posts, found) == {
        "posts": 4, "results": 4, "lost": 2, "strange": 1, "doubled": 1
    }  # fmt: skip
