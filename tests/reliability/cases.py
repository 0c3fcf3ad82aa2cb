"""Commands that are killed: what they work on, how they go on, and what must come out."""

import csv
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from jmere.files.folders import MARKER

POSTS, BATCH = 64, 2
"""Posts to extract from, and those of a batch: a chunk is eight batches."""

PREDICTED = 600
"""Posts of a graph."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A command of jmere, run in a folder of its own."""

    name: str
    make: Callable[[Path], None]
    """Writes what it reads into a folder."""
    command: Callable[[Path, Path], list[object]]
    """Its arguments, of the inputs' folder and its own; the same begin and go on."""
    result: Callable[[Path], dict[str, str]]
    """What it has written, as digests by name: equal in every complete run."""
    before: Callable[[Path, Path], list[object]] | None = None
    """A command that has run to its end before."""
    whole: bool = False
    """Whether its result is the one before or the complete one at any moment."""
    glance: Callable[[Path], dict[str, str]] | None = None
    """What is looked at after each kill, where the result takes long to read."""
    refused: tuple[int, ...] = (2,)
    """Its exit codes where nothing can be written: 2 has one line, 1 a line for each failed run."""
    dear: int = 1
    """It is killed so many times less often than others."""
    partial: Callable[[Path], bool] = lambda folder: any(folder.iterdir())
    """Whether a kill has left something to go on with."""
    wrong: Callable[[Path], str] = lambda folder: ""
    """What is wrong after a kill, if anything."""


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def files(folder, *, without=()):
    """Digests of all files of a folder; times are not counted."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(part in name for part in without):
            found[name] = digest(_timeless(path))
    return found


def _timeless(path):
    if path.name == "log.csv":
        with path.open(encoding="utf-8", newline="") as stream:
            return repr([{**row, "seconds": ""} for row in csv.DictReader(stream)]).encode()
    if path.name == "result.json":
        return repr({**json.loads(path.read_text(encoding="utf-8")), "seconds": 0}).encode()
    return path.read_bytes()


def posts(folder):
    """Posts that each have a sentence of their own."""
    from builders import SENTENCES

    lines = []
    for number in range(POSTS):
        text = f"{SENTENCES[number % len(SENTENCES)][0]} {'again ' * (number % 5)}on day {number}"
        lines.append(json.dumps({"id": f"post-{number}", "text": text}))
    (folder / "posts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def cut_within_a_chunk(folder):
    part = folder / "out.jsonl.part"
    data = part.read_bytes() if part.exists() else b""
    return bool(data) and data.count(b"\n") % (8 * BATCH) != 0


def doubled_or_half(folder):
    """Each complete line of an unfinished output is of another post, in order."""
    part = folder / "out.jsonl.part"
    whole, _, _ = (part.read_bytes() if part.exists() else b"").rpartition(b"\n")
    ids = [json.loads(line)["id"] for line in whole.splitlines()]
    expected = [f"post-{number}" for number in range(len(ids))]
    return "" if ids == expected else f"the partial output has {ids}"


EXTRACT = Case(
    name="extract",
    make=posts,
    command=lambda inputs, folder: [
        *("-q", "extract", inputs / "posts.jsonl", "-o", folder / "out.jsonl"),
        *("--batch-size", BATCH, "--resume"),
    ],
    result=files,
    partial=cut_within_a_chunk,
    wrong=doubled_or_half,
)


def run_file(folder):
    """A tiny run whose dropout, average and calibration depend on all that came before."""
    import yaml

    from builders import tiny_run

    values = tiny_run(
        folder, epochs=4, patience=9, average=0.8, tune_decoding=True, calibrate=True, batch_size=2
    )
    values["model"] = {**values["model"], "dropout": 0.2}
    (folder / "run.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")


def half_a_folder(folder):
    """Folders that are replaced as a whole have all their files.

    The checkpoint of a finished run may be half removed: its run is not read from it any more.
    """
    for marker in folder.rglob(MARKER):
        if marker.parent.name == "checkpoint" and (marker.parents[1] / "result.json").exists():
            continue
        names = json.loads(marker.read_text(encoding="utf-8") or "{}").get("files")
        missing = [name for name in names or () if not (marker.parent / name).exists()]
        if missing and marker.parent.name in ("model", "checkpoint"):
            return f"{marker.parent} lacks {missing}"
    return ""


TRAIN = Case(
    name="train",
    make=run_file,
    command=lambda inputs, folder: [
        *("-q", "train", inputs / "run.yaml", "--set", f"output={folder / 'run'}", "--resume"),
    ],
    result=lambda folder: files(folder, without=["tensorboard"]),
    partial=lambda folder: (folder / "run" / "checkpoint").exists(),
    wrong=half_a_folder,
)


def bench(processes):
    """Two rows of a table of tiny runs."""
    return Case(
        name="bench" if processes == 1 else f"bench-{processes}",
        refused=(1, 2),
        dear=1 if processes == 1 else 10,  # each worker imports everything anew
        make=lambda folder: None,
        command=lambda inputs, folder: [
            *("-q", "bench", "table1", "--quick", "--row", "text", "--row", "adapcoatt"),
            *("--set", "training.epochs=2", "--processes", processes, "-o", folder / "out"),
        ],
        result=lambda folder: files(folder, without=["tensorboard"]),
        partial=lambda folder: any((folder / "out").glob("*/*/model")),
        wrong=half_a_folder,
    )


def predictions(folder):
    """Predictions with two quintuples each; the first half in a file of its own, too."""
    lines = []
    for number in range(PREDICTED):
        names = f"Ann {number % 400}", f"Town {number % 90}", f"Club {number % 300}"
        types = "per", "loc", "org"
        ends, text = [], ""
        for name, kind in zip(names, types, strict=True):
            ends.append({"start": len(text), "end": len(text) + len(name), "type": kind})
            text += f"{name} "
        quintuples = [
            {"head": ends[0], "relation": relation, "tail": ends[tail], "score": 0.75}
            for tail, relation in ((1, "place_of_residence"), (2, "member_of"))
        ]
        record = {"id": f"post-{number}", "text": text, "quintuples": quintuples}
        lines.append(json.dumps(record) + "\n")
    (folder / "all.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "half.jsonl").write_text("".join(lines[: PREDICTED // 2]), encoding="utf-8")


def graph(name, output, *more):
    """A graph that replaces one of half of the posts."""

    def build(source):
        return lambda inputs, folder: [
            *("-q", "graph", "build", inputs / source, "-o", folder / output, *more)
        ]

    def glance(folder):
        moved = folder / f".{output}.old"  # for the moment between two renames
        there = folder / output
        found = there if there.exists() else moved
        if found.is_dir():
            return files(found)
        return {output: digest(found.read_bytes())} if found.exists() else {}

    def result(folder):
        return glance(folder) | {path.name: "is there" for path in folder.iterdir()}

    return Case(
        name=name,
        make=predictions,
        command=build("all.jsonl"),
        before=build("half.jsonl"),
        result=result,
        whole=True,
        glance=glance,
        partial=lambda folder: len(list(folder.iterdir())) > 1,
    )


def stored(folder):
    """The whole graph of a store, what its ledger counts, and what queries read."""
    from reliability.processes import forked, jmere

    store, dump = folder / "store", Path(os.environ["JMERE_CACHE"]) / "dump.nt"
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"

    def look():
        stats = jmere("graph", "stats", store, "--json")()
        rows = jmere("graph", "query", store, query)()
        return stats or rows or jmere("-q", "graph", "build", "--store", store, "-o", dump)()

    ended = forked(look, folder)
    assert ended.code == 0, ended.told
    return {"counts": digest(ended.told.encode()), "graph": digest(dump.read_bytes())}


def counted(folder):
    """What the ledger of a store counts."""
    from reliability.processes import forked, jmere

    ended = forked(jmere("graph", "stats", folder / "store", "--json"), folder)
    assert ended.code == 0, ended.told
    return {"counts": ended.told}


def to_store(source):
    return lambda inputs, folder: [
        *("-q", "graph", "build", inputs / source, "--store", folder / "store")
    ]


STORE = Case(
    name="graph-store",
    make=predictions,
    command=to_store("all.jsonl"),
    before=to_store("half.jsonl"),
    result=stored,
    whole=True,
    glance=counted,
    partial=lambda folder: len(list((folder / "store").glob("graph-*"))) > 1,
)


def records(folder):
    """The records of all parts, however the workers shared them; each line counts once."""
    lines = [
        line
        for path in folder.glob("out/*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return {"records": digest("\n".join(sorted(lines)).encode()), "count": str(len(lines))}


RAY = Case(
    name="ray",
    make=posts,
    command=lambda inputs, folder: [
        *("-q", "extract", inputs / "posts.jsonl", "-o", folder / "out", "--engine", "ray"),
        *("--workers", 2, "--part-posts", 8, "--resume"),
    ],
    result=records,
    partial=lambda folder: any(folder.glob("out/*.jsonl")),
)

CASES = [
    EXTRACT,
    TRAIN,
    bench(1),
    bench(2),
    graph("graph", "graph.ttl"),
    graph("graph-folder", "neo4j", "--format", "neo4j"),
    graph("graph-disk", "graph.nt", "--memory", "256MB"),
    STORE,
    *([RAY] if find_spec("ray") and find_spec("jmere.ray") else []),
]
