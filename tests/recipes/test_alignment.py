"""What the script says of the alignment of a tiny run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jmere.cli import main

SCRIPT = Path(__file__).parents[2] / "recipes" / "tables" / "alignment.py"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Finished runs of EEGA and of EEGA without transport, on the made-up world."""
    folder = tmp_path_factory.mktemp("runs")
    rows = ["--row", "eega", "--row", "eega_without_transport", "--set", "training.epochs=1"]
    assert main(["bench", "table2", "--quick", "--processes", "1", "-o", str(folder), *rows]) == 0
    return folder


def script(run, *options):
    command = [sys.executable, str(SCRIPT), str(run), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_one_line_says_what_the_alignment_finds_and_weighs(runs):
    done = script(runs / "eega" / "seed-19", "--limit", "2", "--size", "4")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert found["posts"] > 0
    assert found["batches"] == 2
    assert found["gradient_share"] > 0
    assert -1 <= found["gradient_cosine"] <= 1
    for name in ("own_is_nearer", "plan_off_even", "attention_off_even", "edge_share"):
        assert 0 <= found[name] <= 1, name
    assert 0 <= found["distance"] <= 2


def test_a_model_without_transport_is_refused(runs):
    done = script(runs / "eega_without_transport" / "seed-19")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("expected a model of the kind eega that aligns")
