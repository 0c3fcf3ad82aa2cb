"""What a wheel of the package holds beside its code."""

import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

WANTED = [
    *("configs/runs/base.yaml", "configs/runs/table1.yaml", "configs/compare/picture.yaml"),
    *("configs/renames/mnre1.yaml", "recipes/bundled/parser.cfg", "recipes/bundled/posts.yaml"),
    *("bundled/model/model.safetensors", "bundled/parser/config.cfg", "bundled/tags/jmere.json"),
    *("serve/static/index.html", "serve/static/js/main.js", "serve/static/css/theme.css"),
    *("serve/static/vendor/cytoscape.js", "serve/static/vendor/cytoscape.LICENSE"),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--retries",
        "0",
        "--timeout",
        "9",
    ]
    own = ["--no-build-isolation"] if find_spec("hatchling") else []
    command += [*own, "-w", str(folder), str(ROOT)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode and not own:
        pytest.skip("needs hatchling, or the network to fetch it, to build the wheel")
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_has_the_files_that_commands_need(names):
    assert {f"jmere/{name}" for name in WANTED} <= set(names)
    assert len(names) == len(set(names))


def test_packaged_files_are_found_in_what_the_wheel_unpacks_to(wheel, names, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path, [n for n in names if "/bundled/model/" not in n])
    code = (
        "from jmere.files.packaged import find_config, packaged_file as f; "
        "print(find_config('table1', 'runs'), f('recipes/bundled/parser.cfg'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    home = tmp_path / "jmere"
    assert done.stdout.split() == [
        str(home / "configs" / "runs" / "table1.yaml"),
        str(home / "recipes" / "bundled" / "parser.cfg"),
    ]
