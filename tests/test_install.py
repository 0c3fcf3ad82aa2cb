"""A fresh installation of the wheel: what it brings, how large it is, and that it extracts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MOST_MEGABYTES = {"": 480, "[graph]": 600}
"""Sizes of environments by extra: extraction alone, and what ``make demo`` needs."""

TEXT = "Stephen Curry leads the Golden State Warriors"

FOUND = '{"id": "1", "text": "Ann met Bob", "quintuples": [], "entities": []}\n'

EXTRACT = f"""
import sys
from jmere.cli import main
code = main(["extract", "--json", "--text", {TEXT!r}])
loaded = {{"torch", "transformers"}} & set(sys.modules)
sys.exit(f"imported: {{loaded}}" if loaded else code)
"""


def pip(environment, *arguments):
    """Run an environment's pip; the versions are those that ``make`` installs."""
    command = [environment / "bin" / "python", "-m", "pip", "install", "--quiet"]
    command += ["-c", ROOT / "constraints.txt", "--retries", "0", "--timeout", "20", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def megabytes(folder):
    """Sizes of all files of a folder, in MiB."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / (1 << 20)


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """An environment of its own that the wheel alone is installed in."""
    folder = tmp_path_factory.mktemp("install") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    done = pip(folder, wheel)
    if done.returncode:
        pytest.skip(f"packages cannot be installed here: {done.stderr.strip()[-200:]}")
    return folder


def run(environment, *arguments, folder):
    command = [environment / "bin" / "python", "-I", *arguments]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


def test_it_is_small_and_has_neither_torch_nor_transformers(environment):
    names = json.loads(
        subprocess.run(
            [environment / "bin" / "python", "-m", "pip", "list", "--format", "json"],
            check=True, capture_output=True, text=True,
        ).stdout
    )  # fmt: skip
    assert not {"torch", "transformers"} & {each["name"].lower() for each in names}
    size = megabytes(environment)
    print(f"\nenvironment: {size:.0f} MB")  # noqa: T201
    assert size <= MOST_MEGABYTES[""]


def test_a_text_is_extracted_without_torch(environment, tmp_path):
    done = run(environment, "-c", EXTRACT, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["quintuples"]
    assert (found["head"]["text"], found["relation"]) == ("Stephen Curry", "member_of")


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["train", "table1"], "train"),
        (["extract", "--backend", "torch", "--text", TEXT], "torch"),
        (["graph", "build", "found.jsonl", "-o", "graph.ttl", "--picture", "graph.png"], "graph"),
        (["scene", "picture.jpg"], "vision"),
    ],
)
def test_what_needs_an_extra_says_so_in_one_line(environment, tmp_path, arguments, extra):
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "found.jsonl").write_text(FOUND, encoding="utf-8")
    done = run(environment, "-m", "jmere", *arguments, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"pip install 'jmere[{extra}]'" in done.stderr


def test_a_graph_in_turtle_needs_no_extra(environment, tmp_path):
    (tmp_path / "found.jsonl").write_text(FOUND, encoding="utf-8")
    build = ("-m", "jmere", "graph", "build", "found.jsonl", "-o", "graph.ttl")
    done = run(environment, *build, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "graph.ttl").read_text(encoding="utf-8").startswith("@prefix")


def test_the_demo_runs_in_a_small_environment(environment, wheel, tmp_path):
    """The last test: it adds to the environment."""
    done = pip(environment, f"{wheel}[graph]")
    assert done.returncode == 0, done.stderr
    size = megabytes(environment)
    print(f"\nenvironment with graph: {size:.0f} MB")  # noqa: T201
    assert size <= MOST_MEGABYTES["[graph]"]
    samples = ROOT / "src" / "jmere" / "bundled" / "samples" / "posts.jsonl"
    for arguments in (
        ["extract", str(samples), "-o", "found.jsonl"],
        ["graph", "build", "found.jsonl", "-o", "graph.ttl", "--picture", "graph.png"],
    ):
        done = run(environment, "-m", "jmere", *arguments, folder=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "graph.ttl").stat().st_size > 0
    assert (tmp_path / "graph.png").stat().st_size > 0
