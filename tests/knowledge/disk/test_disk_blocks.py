"""Predictions read in several processes say the same as those read in one, in the same order."""

import json

import pytest

pytest.importorskip("duckdb", reason="needs the extra large")
pytest.importorskip("pyarrow", reason="needs the extra large")

from jmere.data.predictions import read_for_graph
from jmere.errors import DataError, refuse
from jmere.knowledge.disk import disk_blocks
from jmere.knowledge.disk.disk_blocks import read_blocks
from jmere.knowledge.disk.disk_graph import merged_on_disk, write_disk_graph
from jmere.knowledge.merge import Merger
from jmere.knowledge.reading import PostReader


@pytest.fixture
def found(tmp_path, monkeypatch):
    monkeypatch.setattr(disk_blocks, "_LINES", 7)
    head = {"text": "Ann", "start": 0, "end": 3, "type": "per"}
    tail = {"text": "Bonn", "start": 13, "end": 17, "type": "loc"}
    lines = []
    for number in range(40):
        post = {"schema_version": 1, "id": str(number), "text": "Ann lives in Bonn"}
        relation = "peer" if number % 3 else "lives_in"
        post["quintuples"] = [{"head": head, "tail": tail, "relation": relation, "score": 0.3}]
        lines.append(json.dumps(post))
    lines[2], lines[20], lines[33] = "{", "", json.dumps({"id": "33", "likes": 3})
    path = tmp_path / "found.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def written(posts, reader, folder, name):
    with merged_on_disk(posts, rules=Merger().rules, reader=reader, beside=folder) as graph:
        write_disk_graph(graph, folder / name, "nt")
    return (folder / name).read_bytes()


def test_processes_say_the_same(found, tmp_path):
    alone, several = (PostReader(exclude=["peer"]) for _ in range(2))
    told = [], []
    posts = read_for_graph(found, on_problem=told[0].append)
    blocks = read_blocks(found, reader=several, on_problem=told[1].append, processes=2)
    assert written(posts, alone, tmp_path, "a") == written(blocks, several, tmp_path, "b")
    assert told[0] == told[1]
    assert [problem.line for problem in told[1]] == [3, 34]
    assert vars(several) == vars(alone)
    assert (several.posts, several.excluded) == (37, 24)


def test_the_first_problem_may_end_it(found, tmp_path):
    with pytest.raises(DataError, match=r"found\.jsonl:3: not JSON"):
        list(read_blocks(found, reader=PostReader(), on_problem=refuse, processes=2))


def test_a_file_without_posts_has_no_blocks(tmp_path):
    path = tmp_path / "found.jsonl"
    path.write_text("{\n\n", encoding="utf-8")
    told = []
    blocks = read_blocks(path, reader=PostReader(), on_problem=told.append, processes=2)
    assert (list(blocks), len(told)) == ([], 1)
