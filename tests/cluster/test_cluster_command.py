"""The command on a cluster, and what it says of mistakes."""

import json
import sys

import pytest

from jmere.cli import main
from jmere.ray import extract_files

pytest.importorskip("fsspec", reason="needs the extra ray")


def extract(*arguments):
    return main(["extract", *map(str, arguments), "--engine", "ray"])


def test_the_command_writes_parts_and_says_how_many(cluster, folder, expected, tmp_path, capsys):
    (folder / "1.jsonl").write_text("{}\n" + (folder / "1.jsonl").read_text())
    out = tmp_path / "out"
    assert extract(f"{folder}/*.jsonl", "-o", out, "--part-posts", 12) == 0
    said = capsys.readouterr().err
    assert f"jmere: {folder}/1.jsonl:1: missing 'text' or 'tokens'; skipped" in said
    assert said.splitlines()[-1] == "24 posts in 2 parts, 1 bad lines skipped"
    parts = sorted(out.glob("part-*.jsonl"))
    assert "".join(part.read_text() for part in parts) == "".join(expected.values())
    assert extract(f"{folder}/*.jsonl", "-o", out, "--resume") == 0
    assert capsys.readouterr().err == f"{out}: is already complete (24 posts); nothing to resume\n"


def test_a_file_without_posts_is_told(cluster, tmp_path, capsys):
    (tmp_path / "a.jsonl").write_text("{}\n")
    assert extract(tmp_path / "a.jsonl", "-o", tmp_path / "out", "--workers", 1) == 1
    assert capsys.readouterr().err.endswith(f"{tmp_path}/a.jsonl: no post could be read\n")


def told(capsys):
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["posts.jsonl"], "jmere: --engine ray requires --output, the folder of the parts"),
        (["-", "-o", "out"], "jmere: --engine ray reads files, not the standard input"),
        (["--text", "Bonn", "-o", "out"], "jmere: --text does not go with --engine ray"),
        (["*.parquet", "-o", "out"], "jmere: *.parquet: no such file"),
        (["posts.csv", "-o", "out"], "posts.csv: --engine ray reads .jsonl, .jsonl.gz and"),
        (["*", "-o", "out"], "differ in format"),
        (["http://a/b.jsonl", "-o", "out"], "protocol 'http' is not read or written"),
        (["posts.jsonl", "-o", "http://a/b"], "protocol 'http' is not read or written"),
        (["posts.jsonl", "-o", "posts.jsonl"], "posts.jsonl: is a file; expected a folder"),
        (["posts.jsonl", "-o", "full"], "full: contains 'mine.txt'; expected a new or empty"),
        (["posts.jsonl", "-o", "out", "-m", "nowhere"], "nowhere: no such model folder"),
        (["posts.jsonl", "-o", "out", "--rows", "quintuple"], "--rows is for tables"),
        (["posts.jsonl", "-o", "out", "--json"], "--json does not go with --engine ray"),
        (["table.parquet", "-o", "out"], "table.parquet: is no Parquet file"),
    ],
)
def test_a_mistake_is_one_line(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    line = json.dumps({"id": "1", "text": "Bonn"}) + "\n"
    for name in ("posts.jsonl", "posts.csv", "table.parquet"):
        (tmp_path / name).write_text(line)
    if arguments[0] == "*.parquet":
        (tmp_path / "table.parquet").unlink()
    if arguments[0] == "*":
        (tmp_path / "posts.csv").unlink()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    assert extract(*arguments) == 2
    assert message in told(capsys)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.1:1", "--address 127.0.0.1:1: [Errno 111] Connection refused"),
        ("ray://127.0.0.1:1", "--address ray://127.0.0.1:1: [Errno 111] Connection refused"),
        ("nowhere", "--address nowhere: expected auto, HOST:PORT or ray://HOST:PORT"),
        ("127.0.0.1:99999", "--address 127.0.0.1:99999: Port out of range 0-65535"),
        ("auto", "--address 127.0.0.1:2: [Errno 111] Connection refused"),
    ],
)
def test_an_address_without_a_cluster_is_told_before_anything_is_written(
    address, message, folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:2")
    out = tmp_path / "out"
    assert extract(f"{folder}/*.jsonl", "-o", out, "--address", address) == 2
    assert told(capsys) == f"jmere: {message}"
    assert not list(out.rglob("*.json"))


@pytest.mark.parametrize("option", ["--address=auto", "--workers=2", "--part-posts=2"])
def test_options_of_a_cluster_need_one(option, capsys):
    assert main(["extract", "posts.jsonl", option]) == 2
    assert told(capsys) == f"jmere: {option.partition('=')[0]} requires --engine ray"


@pytest.mark.parametrize("library", ["ray", "fsspec"])
def test_a_missing_library_is_told_with_what_to_install(library, tmp_path, monkeypatch, capsys):
    (tmp_path / "a.jsonl").write_text('{"id": 1, "text": "Bonn"}\n')
    for name in [each for each in sys.modules if each.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    assert extract(tmp_path / "a.jsonl", "-o", tmp_path / "out") == 2
    assert told(capsys) == "jmere: --engine ray needs: pip install 'jmere[ray]'"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["workers", "part_posts", "batch_size"])
def test_numbers_are_positive(name, folder, tmp_path):
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        extract_files(f"{folder}/*.jsonl", tmp_path / "out", **{name: 0})
