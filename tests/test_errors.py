import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jmere.errors import EXTRAS, DataError, MissingExtraError, Problem, nearest, require


def test_an_installed_library_is_imported():
    assert require("json", "graph", "reading") is sys.modules["json"]


@pytest.mark.parametrize("module", ["not_installed_anywhere", "not_installed_anywhere.part"])
def test_a_missing_library_says_how_to_get_it(module):
    with pytest.raises(MissingExtraError, match=r"^writing needs: pip install 'jmere\[graph\]'$"):
        require(module, "graph", "writing")


def test_a_library_that_lacks_something_of_its_own_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "half_installed.py").write_text("import not_installed_anywhere", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="No module named 'not_installed_anywhere'"):
        require("half_installed", "graph", "writing")


def run_without(library, code):
    """Run code in a process where a library is as if it were not installed."""
    start = f"import sys; sys.modules[{library!r}] = None; "
    command = [sys.executable, "-c", start + code]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.mark.parametrize(
    "command", [["train", "run.yaml"], ["bench", "table1"], ["build", "world"]]
)
def test_a_command_without_torch_is_one_line(command):
    code = f"from jmere.cli import main; sys.exit(main({command}))"
    done = run_without("torch", code)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith("pip install 'jmere[train]'\n")


def test_a_public_name_without_torch_names_the_extra():
    done = run_without("torch", "import jmere; jmere.train")
    expected = r"MissingExtraError: .*train.* needs.*: pip install 'jmere\[train\]'$"
    assert re.search(expected, done.stderr.strip())


@pytest.mark.parametrize("kind", ["detr", "maskrcnn"])
def test_a_detector_without_torch_names_its_extra(kind):
    code = f"from jmere.vision.detect.detector import load_detector; load_detector({kind!r})"
    done = run_without("torch", code)
    assert done.stderr.strip().endswith(f"needs: pip install 'jmere[{kind}]'")


def test_every_extra_of_a_library_is_one_of_the_project():
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    section = text.split("[project.optional-dependencies]")[1].split("\n[")[0]
    extras = set(re.findall(r"^(\w+) = \[", section, flags=re.MULTILINE))
    assert set(EXTRAS.values()) <= extras


def test_a_suggestion_is_one_line_whatever_the_names():
    assert nearest("text", ["a\nb", "q"]) == "known: a b, q"


def test_an_error_of_data_is_the_same_in_another_process():
    error = pickle.loads(pickle.dumps(DataError(Problem("posts.jsonl", 3, "missing 'id'"))))
    assert str(error) == "posts.jsonl:3: missing 'id'"
    assert error.problem == Problem("posts.jsonl", 3, "missing 'id'")
