"""Five relations that a start model has not seen, learned from 20, 50 and 200 posts.

    python recipes/own-labels/run.py TRAIN.jsonl DEV.jsonl runs/own-labels

splits the posts (split.py), trains the start model (start.yaml), then a model for each start, each
number of posts and each seed (few.yaml), and scores it on the dev posts with these relations, which
chose nothing. Run it again after an interruption: finished runs are kept, one that was cut short
goes on. The last lines are the table of the runs that are finished.
"""

import argparse
import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from split import SEEDS, SIZES, write

from jmere import Extractor, read_posts, train
from jmere.evaluation.scores import score
from jmere.files.whole import write_json
from jmere.tagger.model_encoder import unpack_encoder
from jmere.training.run_file import load_run
from jmere.training.starter import epochs_for

HERE = Path(__file__).parent

STARTS = {
    "published": "published encoder, new layers",
    "encoder": "the start model's encoder, new layers",
    "begin": "the start model, new heads",
    "begin-slow": "the same, at a quarter of the learning rate",
    "begin-known": "the start model, new heads, entity types known by name",
}


@dataclass(frozen=True)
class Few:
    """One model from few posts."""

    start: str
    posts: int
    seed: int
    output: Path

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.output / self.start / f"{self.posts}-posts" / f"seed-{self.seed}"

    def values(self) -> dict[str, Any]:
        """The run file's values."""
        data = self.output / "data" / ("known" if self.start == "begin-known" else "own")
        values = load_run(HERE / "few.yaml") | {"output": str(self.folder)}
        values["data"] = {
            "train": [str(data / f"{self.posts}-train-{self.seed}.jsonl")],
            "dev": str(data / f"{self.posts}-dev-{self.seed}.jsonl"),
            "tags": str(data / "tags.json"),
        }
        values["training"] |= {"epochs": epochs_for(self.posts), "seed": self.seed}
        if self.start == "begin-slow":
            values["training"]["learning_rate"] /= 4
        model = self.output / "start" / "model"
        if self.start.startswith("begin"):
            del values["encoder"]
            values["begin"] = str(model)
        elif self.start == "encoder":
            values["encoder"] = str(unpack_encoder(model))
        return values

    def result(self) -> dict[str, float]:
        """F1 on the held posts; trains the model if that has not been done."""
        file = self.folder / "result.json"
        if not file.exists():
            values = self.values()
            train(values, resume=True)
            held = list(read_posts(Path(values["data"]["tags"]).with_name("held.jsonl")))
            extractor = Extractor.from_pretrained(self.folder / "model", backend="torch")
            scores = score(held, list(extractor.stream(held)))
            write_json(file, {"jmere": 100 * scores.jmere.f1, "mner": 100 * scores.mner.f1})
        found: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
        return found


def runs(output: Path) -> Iterator[Few]:
    """All runs, those that decide what ``jmere init`` writes first."""
    for starts in (("encoder", "begin"), ("published", "begin-known"), ("begin-slow",)):
        for seed in SEEDS:
            for posts in SIZES:
                for start in starts:
                    yield Few(start, posts, seed, output)


def table(output: Path) -> str:
    """F1 of quintuples (and of entities) by start and number of posts: mean, deviation, runs."""
    lines = [f"| start | {' | '.join(f'{posts} posts' for posts in SIZES)} |", "|---|---|---|---|"]
    for start, name in STARTS.items():
        cells = []
        for posts in SIZES:
            each = [run for run in runs(output) if (run.start, run.posts) == (start, posts)]
            results = [run.result() for run in each if (run.folder / "result.json").exists()]
            cells.append(cell(results))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(results: list[dict[str, float]]) -> str:
    """The figures of one start and number of posts."""
    if not results:
        return "-"
    jmere, mner = ([result[key] for result in results] for key in ("jmere", "mner"))
    spread = f" ± {statistics.stdev(jmere):.1f}" if len(jmere) > 1 else ""
    seeds = f", {len(jmere)} of {len(SEEDS)} seeds" if len(jmere) < len(SEEDS) else ""
    return f"{statistics.fmean(jmere):.1f}{spread} ({statistics.fmean(mner):.1f}){seeds}"


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("train", "dev", "output"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--table", action="store_true", help="only print the table")
    options = parser.parse_args()
    output: Path = options.output
    if not options.table:
        posts, dev = list(read_posts(options.train)), list(read_posts(options.dev))
        print(json.dumps(write(posts, dev, output / "data")))
        start = load_run(HERE / "start.yaml") | {"output": str(output / "start")}
        data = output / "data" / "start"
        start["data"] = {
            "train": [str(data / "train.jsonl")],
            "dev": str(data / "dev.jsonl"),
            "tags": str(data / "tags.json"),
        }
        if not (output / "start" / "done").exists():
            train(start, resume=True)
            (output / "start" / "done").touch()
        for run in runs(output):
            print(run.start, run.posts, run.seed, run.result(), flush=True)
    print(table(output))


if __name__ == "__main__":
    main()
