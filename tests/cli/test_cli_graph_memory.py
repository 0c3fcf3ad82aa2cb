"""``jmere graph build --memory``: the same output from disk, and what cannot go with it."""

import json

import pytest

from jmere.cli import graph, main

pytest.importorskip("duckdb", reason="needs the extra large")


@pytest.fixture
def found(tmp_path):
    ends = {
        "head": {"text": "Ann", "start": 0, "end": 3, "type": "per"},
        "tail": {"text": "Bonn", "start": 13, "end": 17, "type": "loc"},
    }
    post = {"text": "Ann lives in Bonn", "quintuples": [{**ends, "relation": "lives_in"}]}
    lines = [json.dumps({"id": str(number), **post}) for number in range(3)]
    path = tmp_path / "found.jsonl"
    path.write_text("\n".join([*lines, "{broken"]), encoding="utf-8")
    return path


def test_the_output_is_that_of_memory(found, tmp_path, capsys):
    printed = []
    for name, options in (("a.nt", []), ("b.nt", ["--memory", "64MiB"])):
        output = str(tmp_path / name)
        assert main(["graph", "build", str(found), "-o", output, "--json", *options]) == 0
        printed.append(json.loads(capsys.readouterr().out))
    assert (tmp_path / "a.nt").read_bytes() == (tmp_path / "b.nt").read_bytes()
    assert printed[1] == {**printed[0], "output": str(tmp_path / "b.nt")}
    assert printed[1]["posts"] == 3
    assert {path.name for path in tmp_path.iterdir()} == {"found.jsonl", "a.nt", "b.nt"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-o", "a.nt", "--memory", "much"], "expected a size of at least 64MiB, got 'much'"),
        (["-o", "a.nt", "--memory", "1KB"], "expected a size of at least 64MiB, got '1KB'"),
        (["--store", "s", "--memory", "1GB"], "--memory takes --output alone"),
        (["-o", "a.nt", "--picture", "a.png", "--memory", "1GB"], "--memory takes --output alone"),
    ],
)
def test_a_wrong_option_is_told(found, options, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["graph", "build", str(found), *options]) == 2
    assert told in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["found.jsonl"]


def test_no_line_that_can_be_read_leaves_nothing(tmp_path, capsys):
    path = tmp_path / "found.jsonl"
    path.write_text("{broken\n", encoding="utf-8")
    output = tmp_path / "a.nt"
    assert main(["graph", "build", str(path), "-o", str(output), "--memory", "64MiB"]) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["found.jsonl"]
    assert capsys.readouterr().err


def test_a_large_file_is_merged_on_disk_by_itself(found, tmp_path, monkeypatch, capsys):
    printed = []
    for name, least in (("a.nt", 1 << 24), ("new/b.nt", 1)):
        monkeypatch.setattr(graph, "_LARGE", least)
        monkeypatch.setattr(graph, "_VERY_LARGE", least)
        output = str(tmp_path / name)
        assert main(["graph", "build", str(found), "-o", output, "--json"]) == 0
        out, err = capsys.readouterr()
        assert f"{found}:4: not JSON" in err
        printed.append({**json.loads(out), "output": None})
    assert (tmp_path / "a.nt").read_bytes() == (tmp_path / "new" / "b.nt").read_bytes()
    assert printed[0] == printed[1]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["b.nt"]


def test_a_stream_has_its_database_elsewhere(found, tmp_path, capfdbinary):
    options = ["--format", "nt", "--memory", "64MiB"]
    assert main(["graph", "build", str(found), "-o", str(tmp_path / "a.nt"), *options]) == 0
    capfdbinary.readouterr()
    assert main(["graph", "build", str(found), "-o", "/dev/stdout", *options]) == 0
    assert (tmp_path / "a.nt").read_bytes() in capfdbinary.readouterr().out
