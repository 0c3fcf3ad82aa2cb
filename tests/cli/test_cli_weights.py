import json

import pytest

from jmere.cli import main
from jmere.pretrained.detectors import registry

NAME = "yolox-nano"


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Runs a command line offline; the exit code, the output and the errors."""
    monkeypatch.setenv("JMERE_OFFLINE", "1")
    monkeypatch.setenv("JMERE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("JMERE_WEIGHTS", raising=False)

    def command(*arguments):
        code = main(["weights", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def test_the_list_says_what_there_is_and_where(run):
    code, out, err = run("list")
    assert (code, err) == (0, "")
    assert out.startswith(f"{NAME}: {registry()[NAME].what}; 3.7 MB, Apache-2.0\n  not here\n")

    (entry,) = [each for each in json.loads(run("list", "--json")[1]) if each["name"] == NAME]
    assert entry["path"] is None
    assert {"what", "file", "address", "sha256", "size", "licence"} <= entry.keys()


def test_the_list_tells_of_a_wrong_file(run, tmp_path, monkeypatch):
    monkeypatch.setenv("JMERE_WEIGHTS", str(tmp_path))
    (tmp_path / registry()[NAME].file).write_bytes(b"wrong")
    assert f"\n  {tmp_path / registry()[NAME].file}: sha256" in run("list")[1]
    code, out, err = run("path", NAME)
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_weights_that_are_here_are_found(run, shared, monkeypatch):
    monkeypatch.setenv("JMERE_WEIGHTS", str(shared / "models"))
    path = str(shared / "models" / registry()[NAME].file)
    assert run("path", NAME) == (0, f"{path}\n", "")
    assert run("fetch", NAME) == (0, f"{path}\n", "")
    assert json.loads(run("list", "--json")[1])[0]["path"] == path


@pytest.mark.parametrize(
    "arguments", [["path", NAME], ["fetch", NAME], ["fetch", NAME, "--to", "x"], ["path", "yolo"]]
)
def test_weights_that_are_not_here_are_one_line(run, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert list(tmp_path.iterdir()) == []
