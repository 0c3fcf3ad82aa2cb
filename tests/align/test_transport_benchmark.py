import json
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "transport.py"


def test_the_benchmark_compares_equal_values_and_prints_one_line():
    options = ["--json", "--batch", "3", "--repeats", "1"]
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), *options], capture_output=True, text=True, check=True
    )
    (line,) = done.stdout.splitlines()
    result = json.loads(line)
    assert result["name"] == "transport"
    assert result["max_difference"] < 1e-4
    assert result["batch_max_difference"] < 1e-4
    assert result["ratio"] == result["seconds"] / result["reference_seconds"]
