import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "peers.py"


def printed(*options):
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), "--json", *options],
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = done.stdout.splitlines()
    return json.loads(line)


@pytest.mark.skipif(bool(importlib.util.find_spec("gliner")), reason="gliner is installed")
def test_without_gliner_the_benchmark_says_what_it_needs():
    result = printed()
    assert result["name"] == "peers"
    assert "extra peers" in result["skipped"]
    assert "gliner" in result["skipped"]


@pytest.mark.skipif(not importlib.util.find_spec("gliner"), reason="needs the extra peers")
def test_each_peer_is_measured_beside_ours():
    result = printed("--count", "4", "--repeats", "1", "--threads", "1")
    assert result["posts_per_second"] > 0
    assert {"gliner", "spacy_ner"} <= result["ratios"].keys()
    assert result["ratio"] == max(result["ratios"].values())
    assert result["peers_posts_per_second"].keys() == {"gliner", "gliner_int8", "spacy_ner"}
