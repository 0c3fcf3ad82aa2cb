"""What a wheel of the package holds beside its code."""

import subprocess
import sys
import zipfile

import pytest

WANTED = [
    *("configs/runs/base.yaml", "configs/runs/table1.yaml", "configs/compare/picture.yaml"),
    *("configs/renames/mnre1.yaml", "recipes/bundled/parser.cfg", "recipes/bundled/posts.yaml"),
    *("bundled/model/model.safetensors", "bundled/parser/config.cfg", "bundled/tags/jmere.json"),
    *("serve/static/index.html", "serve/static/js/main.js", "serve/static/css/theme.css"),
    *("serve/static/vendor/cytoscape.js", "serve/static/vendor/cytoscape.LICENSE"),
]


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
