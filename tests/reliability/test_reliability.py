"""A few of the kills and full disks that ``make soak`` has many of."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reliability.disk import UNUSABLE

ROOT = Path(__file__).parents[2]
KILLED = ["extract", "graph", "graph-folder", "graph-disk", "graph-store"]
"""The others train, which takes minutes."""
FILLED = ["extract", "graph", "graph-folder", "graph-store"]
ROOM = ["0.0", "0.5"]
"""Shares of what a command writes; `make soak` has more."""


def lines_of(module, folder, *options):
    """Run one of the programs; its exit code, and its lines by case."""
    path = os.pathsep.join(filter(None, (str(ROOT / "tests"), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-m", module, "--folder", str(folder), *options],
        check=False, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    found = {}
    for line in done.stdout.splitlines():
        value = json.loads(line)
        found.setdefault(value.get("case", value.get("name")), []).append(value)
    return done, found


@pytest.fixture(scope="module")
def kills(tmp_path_factory):
    chosen = [option for name in KILLED for option in ("--case", name)]
    folder = tmp_path_factory.mktemp("kills")
    return lines_of("reliability", folder, "--kills", "1", "--seed", "1", *chosen)


@pytest.mark.parametrize("name", KILLED)
def test_what_is_killed_goes_on_to_the_same_end(kills, name):
    done, found = kills
    assert name in found, done.stderr
    (tally,) = found[name]
    assert tally["faults"] == []
    assert tally["kills"] >= tally["runs"] >= 1


@pytest.fixture(scope="module")
def disks(tmp_path_factory):
    chosen = [option for name in FILLED for option in ("--case", name)]
    chosen += [option for share in ROOM for option in ("--share", share)]
    done, found = lines_of("reliability.disk", tmp_path_factory.mktemp("disks"), *chosen)
    if done.returncode == UNUSABLE:
        pytest.skip(done.stderr.strip())
    return done, found


@pytest.mark.parametrize("name", FILLED)
def test_a_disk_without_room_is_one_line_and_loses_nothing(disks, name):
    done, found = disks
    assert name in found, done.stderr
    assert [trial for trial in found[name] if trial["wrong"]] == []
    refused = [trial["room"] for trial in found[name] if trial["code"] != 0]
    assert "read-only" in refused
    assert len(refused) > 1
