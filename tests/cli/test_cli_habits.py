"""What every command line has: version, verbosity, completion, old names, a quiet stderr."""

import os
import socket
import subprocess
import sys

import pytest

import jmere
from jmere.cli import main
from jmere.terminal import Verbosity, echo


@pytest.fixture(autouse=True)
def _verbosity():
    yield
    Verbosity.level = 0


def in_process(*arguments, **environment):
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_the_version_is_printed(option, capsys):
    assert main([option]) == 0
    assert capsys.readouterr().out == f"jmere {jmere.__version__}\n"


def test_quiet_leaves_problems_alone(tmp_path, capsys):
    posts = tmp_path / "posts.jsonl"
    posts.write_text('{"id": "1", "text": "Emma Stone in Venice"}\n{"id": 2\n', "utf-8")
    command = ["extract", str(posts), "-o", str(tmp_path / "out.jsonl")]
    assert main(command) == 0
    usual = capsys.readouterr().err.splitlines()
    assert main(["-q", *command]) == 0
    quiet = capsys.readouterr().err.splitlines()
    assert [line for line in usual if line.startswith("jmere: ")] == quiet
    assert len(quiet) == 1 < len(usual)


def test_verbose_and_quiet_exclude_each_other(capsys):
    assert main(["-v", "-q", "parse", "x"]) == 2
    assert "either --verbose or --quiet" in capsys.readouterr().err


def test_notes_come_back_after_a_quiet_run(capsys):
    assert main(["-q", "parse", "x"]) == 0
    assert main(["parse", "x"]) == 0
    echo("a note", err=True)
    assert "a note" in capsys.readouterr().err


def test_commands_are_completed():
    asked = {"_JMERE_COMPLETE": "complete_bash", "COMP_WORDS": "jmere ex", "COMP_CWORD": "1"}
    code = "import sys; from jmere.cli import main; sys.exit(main())"
    done = in_process("-c", code, **asked)
    assert sorted(done.stdout.split()) == ["export", "extract"]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("jmere.training.adapt", "encoder"),
        ("jmere.text.treebank", "parser"),
        ("jmere.vision.relate.training", "relations"),
        ("jmere.bench.world_run", "world"),
    ],
)
def test_old_module_names_run_the_commands(module, name):
    done = in_process("-m", module, "--help")
    assert done.returncode == 0
    assert f"Usage: jmere build {name}" in done.stdout


def test_a_hub_that_does_not_answer_is_given_up_soon():
    code = """
import time
import jmere.tagger.folder as folder
begin = time.monotonic()
try:
    folder.find_folder("nobody/nothing")
except FileNotFoundError as error:
    print(time.monotonic() - begin, error)
"""
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes a connection, says nothing
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = in_process("-c", code, HF_ENDPOINT=address, HF_HUB_OFFLINE="0")
    seconds, _, message = done.stdout.partition(" ")
    assert message.startswith("nobody/nothing: ")
    assert float(seconds) < 20  # the import of the hub's client, under load, included


def test_no_library_talks_on_stderr():
    text = "Emma Stone " * 400
    done = in_process("-m", "jmere", "extract", "--text", text)
    assert done.returncode == 0
    assert all(line.startswith("jmere: long text") for line in done.stderr.splitlines())
