"""What users wrote reaches the terminal as letters alone."""

import json
import logging
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.cli import main
from jmere.terminal import json_line, log_plainly, plain, plain_line

CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")
RED, TITLE, CLEAR = "\x1b[31m", "\x1b]0;owned\x07", "\x9b2J"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (f"{RED}Ann\x1b[0m met Bob", "Ann met Bob"),
        (f"{TITLE}{CLEAR}Ann", "Ann"),
        ("\x1b]8;;http://a.b\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ended\nnext", "0;never ended\nnext"),
        ("gone\rAnn\r\nBob", "gone Ann\nBob"),
        ("a\tb\x00\x07\x7f\x85c", "a\tbc"),
        ("\u202enna\u202c \ud83d", "nna "),
        ("Zoë 🎬 東京", "Zoë 🎬 東京"),
    ],
)
def test_sequences_and_controls_are_removed(text, seen):
    assert plain(text) == seen


@given(st.text(st.characters(codec=None)))
def test_nothing_that_controls_a_terminal_is_left(text):
    assert not CONTROL.search(plain(text))
    assert "\n" not in plain_line(text)
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(codec=None)))
def test_json_has_no_controls_and_reads_back(text):
    line = json_line({"text": text})
    assert not CONTROL.search(line)
    assert json.loads(line) == {"text": text}
    line.encode()


def test_many_unended_sequences_take_no_time():
    for start in ("\x1b]", "\x9d", "\x1b[", "\x9b0", "\x1b "):
        assert not CONTROL.search(plain(start * 100_000))


def test_log_lines_are_plain(capsys):
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    try:
        log_plainly(logging.WARNING)
        logging.getLogger("jmere.test").warning("%s: no such file", f"{RED}a.jsonl")
    finally:
        root.handlers = handlers
    assert capsys.readouterr().err == "a.jsonl: no such file\n"


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """A file of predictions, and of posts, whose every text moves the cursor."""
    monkeypatch.chdir(tmp_path)
    name = f"{RED}Ann"
    ann = {"start": 0, "end": len(name), "type": f"per{CLEAR}"}
    bob = {"start": len(name) + 5, "end": len(name) + 8, "type": "per"}
    post = {"id": TITLE, "text": f"{name} met Bob", "image": f"{RED}.jpg"}
    record = {**post, "quintuples": [{"head": ann, "tail": bob, "relation": f"peer{RED}"}]}
    (tmp_path / "hostile.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    (tmp_path / "bad.jsonl").write_text(json.dumps({"id": TITLE, RED: 1}), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["parse", f"{RED}Ann met {CLEAR}Bob"],
        ["parse", f"{RED}Ann met {CLEAR}Bob", "--json"],
        ["show", "cases", "hostile.jsonl", "--post", "hostile.jsonl"],
        ["show", "grid", "--post", "hostile.jsonl"],
        ["show", "grid", "--post", "hostile.jsonl", "--id", TITLE],
        ["show", "grid", "--post", "hostile.jsonl", "--id", RED],
        ["score", "hostile.jsonl", "hostile.jsonl", "--tables"],
        ["score", "hostile.jsonl", "bad.jsonl"],
        ["graph", "build", "hostile.jsonl", "-o", f"{RED}.ttl"],
        ["graph", "build", "hostile.jsonl", "-o", f"{RED}.ttl", "--json"],
        ["graph", "build", "bad.jsonl", "-o", "graph.ttl"],
        ["graph", "build", f"{RED}.jsonl", "-o", "graph.ttl"],
        ["graph", "build", "hostile.jsonl", "-o", f"graph.{RED}"],
        ["data", "validate", "hostile.jsonl"],
        ["data", "validate", "bad.jsonl"],
        ["data", "overlap", "hostile.jsonl", "hostile.jsonl"],
        ["extract", f"{RED}.jsonl"],
        ["extract", "hostile.jsonl"],
        ["extract", "hostile.jsonl", "--json"],
        ["extract", "--text", f"{RED}Ann met {CLEAR}Bob in Rome"],
        ["extract", "--text", "Ann", "--image", f"{RED}.jpg"],
        ["scene", f"{RED}.jpg"],
        ["weights", "path", RED],
        ["train", f"{RED}.yaml"],
        [f"{RED}train"],
        ["parse", "a", f"--{CLEAR}"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]).replace("\x1b", "ESC"),
)
def test_no_command_prints_controls(hostile, capsys, arguments):
    main(arguments)
    out, err = capsys.readouterr()
    assert out + err
    assert not CONTROL.search(out + err)
    assert all(unicodedata.category(each) != "Cs" for each in out + err)


def test_an_error_is_never_longer_than_a_screen(capsys):
    assert main(["graph", "build", "x" * 100_000, "-o", "graph.ttl"]) == 2
    err = capsys.readouterr().err
    assert len(err) < 2200
    assert err.endswith(": File name too long\n")
