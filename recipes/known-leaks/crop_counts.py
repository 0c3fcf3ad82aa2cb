"""Count the crops of MNRE's "visual grounding objects" by label: related pairs against None.

The crops are those that HVPNeT and later systems share: ``txt/mre_train_dict.pth`` maps the
line number of a pair in ``txt/ours_train.txt`` to the files of its crops.

    python recipes/known-leaks/crop_counts.py txt/mre_train_dict.pth txt/ours_train.txt
"""

import argparse
import ast
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path


def read_crop_counts(path: Path) -> dict[int, int]:
    """Return the number of crops of each line; the file is read without running code in it."""
    import torch

    crops: Mapping[int, Sequence[str]] = torch.load(path, map_location="cpu", weights_only=True)
    return {int(line): len(files) for line, files in crops.items()}


def read_related(path: Path) -> list[bool]:
    """Return for each line of an MNRE file whether its pair has a relation."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [ast.literal_eval(line)["relation"].lower() != "none" for line in lines if line.strip()]


def count(crops: Mapping[int, int], related: Sequence[bool]) -> dict[str, object]:
    """Count pairs by number of crops, and score the best rule of the form "more than N crops"."""
    cells = Counter((crops[line], label) for line, label in enumerate(related) if line in crops)
    sizes = sorted({size for size, _ in cells})
    total = max(1, cells.total())
    accuracy = {
        limit: sum(n for (size, label), n in cells.items() if (size > limit) == label) / total
        for limit in [-1, *sizes]
    }
    best = max(accuracy, key=lambda limit: accuracy[limit])
    return {
        "pairs": cells.total(),
        "by_crops": {
            size: {"none": cells[size, False], "related": cells[size, True]} for size in sizes
        },
        "rule": f"related if more than {best} crops",
        "accuracy": accuracy[best],
    }


def main() -> None:
    """Read the two files and print one JSON object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("crops", type=Path, help="mre_train_dict.pth")
    parser.add_argument("pairs", type=Path, help="ours_train.txt")
    options = parser.parse_args()
    print(json.dumps(count(read_crop_counts(options.crops), read_related(options.pairs))))


if __name__ == "__main__":
    main()
