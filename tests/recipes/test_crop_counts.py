"""The recipe for the leak in MNRE's crops finds a planted leak, and runs no code of a file."""

import json
import subprocess
import sys
from pathlib import Path

import torch

RECIPE = Path(__file__).parents[2] / "recipes" / "known-leaks" / "crop_counts.py"


def run(crops: Path, pairs: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, RECIPE, crops, pairs], capture_output=True, text=True, check=False
    )


def write(folder: Path, rows: list[tuple[str, int]]) -> tuple[Path, Path]:
    pairs, crops = folder / "train.txt", folder / "dict.pth"
    pairs.write_text("".join(f"{{'token': ['a'], 'relation': '{name}'}}\n" for name, _ in rows))
    torch.save(
        {line: [f"{line}-{k}.jpg" for k in range(size)] for line, (_, size) in enumerate(rows)},
        crops,
    )
    return crops, pairs


def test_crops_are_counted_by_label(tmp_path):
    rows = [("None", 1), ("None", 2), ("None", 2), ("/per/per/peer", 3), ("/per/loc/x", 2)]
    done = run(*write(tmp_path, rows))
    found = json.loads(done.stdout)
    assert found["pairs"] == 5
    assert found["by_crops"]["2"] == {"none": 2, "related": 1}
    assert found["rule"] == "related if more than 2 crops"
    assert found["accuracy"] == 0.8


def test_a_pickle_with_code_is_refused(tmp_path):
    crops, pairs = write(tmp_path, [("None", 1)])
    torch.save({0: RunsCode(tmp_path / "ran")}, crops)
    assert run(crops, pairs).returncode != 0
    assert not (tmp_path / "ran").exists()


class RunsCode:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self.path,)
