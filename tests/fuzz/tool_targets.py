"""What is fuzzed of annotation tools and tables: files as the writers write them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

POST = {
    "id": "1",
    "text": "\N{GRINNING FACE} Ann in Bonn",
    "alt_text": "a woman",
    "quintuples": [
        {
            "head": {"start": 2, "end": 5, "type": "per"},
            "tail": {"start": 9, "end": 13, "type": "loc"},
            "relation": "place_of_residence",
        }
    ],
    "entities": [{"start": 6, "end": 8, "type": "misc"}],
    "kept": {"likes": 3},
}
BRAT = b"T1\tper 2 5\tAnn\nT2\tloc 9 11;11 13\tBo nn\nR1\tplace_of_residence Arg1:T1 Arg2:T2\t\n"


def tool_seeds(folder: Path) -> dict[str, bytes]:
    """The files of the tools, by name."""
    from jmere import Post
    from jmere.data.annotation import write_doccano, write_labelstudio
    from jmere.data.tables import write_table

    posts = [Post.from_dict(POST), Post.from_dict({**POST, "id": "2"})]
    write_labelstudio(folder / "tasks.json", posts)
    write_doccano(folder / "doccano.jsonl", posts)
    for suffix in (".csv", ".tsv", ".parquet"):
        write_table(folder / f"table{suffix}", posts)
    names = ("tasks.json", "doccano.jsonl", "table.csv", "table.tsv", "table.parquet")
    return {name: (folder / name).read_bytes() for name in names} | {"brat.ann": BRAT}


def tool_readers() -> dict[str, Callable[[Path], Any]]:
    """What reads each of them."""
    from jmere.data.annotation import read_brat, read_doccano, read_labelstudio
    from jmere.data.tables import Columns, read_table

    def brat(path):
        root = path.parent / f"{path.name}-brat"
        root.mkdir(exist_ok=True)
        (root / "p.txt").write_text(str(POST["text"]), encoding="utf-8")
        (root / "p.ann").write_bytes(path.read_bytes())
        (root / "posts.jsonl").write_text(json.dumps({"document": "p", "id": "1"}) + "\n")
        return list(read_brat(root, on_problem=str))

    def table(suffix):
        keep = Columns(keep=("likes",))
        return lambda path: [
            *read_table(path, suffix=suffix, gold=True, on_problem=str),
            *read_table(path, suffix=suffix, columns=keep, on_problem=str),
        ]

    return {
        "tasks.json": lambda path: list(read_labelstudio(path, on_problem=str)),
        "doccano.jsonl": lambda path: list(read_doccano(path, on_problem=str)),
        "brat.ann": brat,
        **{f"table{suffix}": table(suffix) for suffix in (".csv", ".tsv", ".parquet")},
    }
