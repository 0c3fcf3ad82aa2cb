"""No command writes over what it reads."""

import json

import pytest

from builders import sample_posts, tiny_run
from jmere.cli import main
from jmere.data.jsonl import write_posts

COMMANDS = {
    "convert mnre": ["data", "convert", "mnre", "IN", "OUT", "--merge", "v1"],
    "convert jmere": ["data", "convert", "jmere", "IN", "OUT"],
    "convert conll": ["data", "convert", "conll", "IN", "OUT"],
    "convert captions": ["data", "convert", "conll", "other", "OUT", "--captions", "IN"],
    "convert tags": ["data", "convert", "conll", "other", "OUT", "--tags", "IN"],
    "convert names": ["data", "convert", "mnre", "other", "OUT", "--merge", "v1", "--names", "IN"],
    "extract": ["extract", "IN", "-o", "OUT"],
    "extract scenes": ["extract", "other", "--scenes", "IN", "-o", "OUT"],
    "extract features": ["extract", "other", "--features", "IN", "-o", "OUT"],
    "extract weights": ["extract", "other", "--weights", "IN", "-o", "OUT"],
    "overlay": ["extract", "--text", "x", "--image", "IN", "--overlay", "OUT"],
    "evaluate": ["evaluate", "default", "IN", "--predictions", "OUT"],
    "graph": ["graph", "build", "IN", "-o", "OUT", "--format", "ttl"],
    "graph picture": ["graph", "build", "IN", "-o", "new.ttl", "--picture", "OUT"],
    "graph twice": ["graph", "build", "other", "-o", "IN", "--picture", "OUT", "--format", "ttl"],
    "scene": ["scene", "IN", "-o", "OUT"],
    "show grid": ["show", "grid", "--post", "IN", "-o", "OUT"],
    "show grid tags": ["show", "grid", "--post", "other", "--tags", "IN", "-o", "OUT"],
    "show alignment": ["show", "alignment", "--post", "IN", "-o", "OUT"],
    "show cases": ["show", "cases", "default", "--post", "IN", "-o", "OUT"],
    "show cases predictions": ["show", "cases", "IN", "--post", "other", "-o", "OUT"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_input_is_not_written_over(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for path in ("file.png", "other"):
        (tmp_path / path).write_text("mine", encoding="utf-8")
    (tmp_path / "link.png").symlink_to("file.png")
    names = {"IN": "file.png", "OUT": "link.png"}
    assert main([names.get(word, word) for word in COMMANDS[name]]) == 2
    error = capsys.readouterr().err
    assert "file" in error
    assert "link.png: " in error
    assert error.count("\n") == 1
    assert (tmp_path / "file.png").read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.png", "link.png", "other"]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["graph", "build", "x", "-o", "x.ttl", "--min-score", "nan"], "got nan"),
        (["scene", "x.png", "--min-score", "1.5"], "expected a number from 0 to 1, got 1.5"),
        (["scene", "x.png", "--objects", "-1"], "--objects"),
        (["show", "alignment", "--text", "x", "--alpha", "-0.5"], "from 0 to 1, got -0.5"),
        (["evaluate", "default", "x", "--batch-size", "0"], "--batch-size"),
    ],
)
def test_options_are_checked_before_anything_is_opened(command, message, capsys):
    assert main(command) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "no such" not in error


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("model/thesis.txt", "model: contains 'thesis.txt', which was not written by jmere"),
        ("checkpoint/mine.bin", "checkpoint: contains 'mine.bin', which was not written by jmere"),
        ("log.csv", "contains 'log.csv', but no run"),
        ("model", "model: is a file"),
    ],
)
def test_training_replaces_no_folder_of_the_users(tmp_path, path, message, capsys):
    values = tiny_run(tmp_path)
    (tmp_path / "run" / path).parent.mkdir(parents=True)
    (tmp_path / "run" / path).write_text("mine", encoding="utf-8")
    config = tmp_path / "run.yaml"
    config.write_text(json.dumps(values), encoding="utf-8")
    before = content(tmp_path)
    assert main(["train", str(config)]) == 2
    assert message in capsys.readouterr().err
    assert content(tmp_path) == before


def test_training_keeps_the_encoder_that_it_starts_from(tmp_path, capsys):
    values = tiny_run(tmp_path)
    values["output"] = str(tmp_path / "run")
    (tmp_path / "encoder").rename(tmp_path / "model")
    config = tmp_path / "run.yaml"
    config.write_text(
        json.dumps({**values, "encoder": str(tmp_path / "model"), "output": str(tmp_path)}),
        encoding="utf-8",
    )
    before = content(tmp_path)
    assert main(["train", str(config)]) == 2
    assert "would overwrite the input" in capsys.readouterr().err
    assert content(tmp_path) == before


def test_a_graph_is_written_beside_what_it_was_made_of(tmp_path, capsys):
    posts = tmp_path / "posts.jsonl"
    write_posts(posts, sample_posts())
    assert main(["graph", "build", str(posts), "-o", str(tmp_path / "graph.ttl")]) == 0
    assert "posts 8" in capsys.readouterr().out
