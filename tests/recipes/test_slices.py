"""The slices of the picture's experiments, on figures made by hand."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jmere.data.jsonl import write_posts
from jmere.data.predictions import write_predictions
from jmere.records import Entity, Extraction, Post, Quintuple

SCRIPT = Path(__file__).parents[2] / "recipes" / "picture" / "slices.py"


def fact(text, kinds, relation):
    """The first and the last word of a text, linked."""
    first, last = text.split()[0], text.split()[-1]
    head = Entity(first, kinds[0], 0, len(first))
    return Quintuple(head, Entity(last, kinds[1], len(text) - len(last), len(text)), relation)


PEERS = fact("Ada met Bob", ("per", "per"), "peer")
PLACE = fact("The long post says that Rome is in Italy", ("loc", "loc"), "contain")
WON = fact("Cup held in Bonn", ("misc", "loc"), "held_on")
DEV = [
    Post("Ada met Bob", id="1", quintuples=[PEERS]),
    Post("The long post says that Rome is in Italy", id="2", quintuples=[PLACE]),
    Post("Cup held in Bonn", id="3", quintuples=[WON]),
]


def predictions(*found):
    return [
        Extraction(post.id, post.text, tuple(q for q in post.quintuples if q in found), ())
        for post in DEV
    ]


@pytest.fixture
def folder(tmp_path):
    write_posts(tmp_path / "train.jsonl", [Post("Ada met Bob", id="t", quintuples=[PEERS])])
    write_posts(tmp_path / "dev.jsonl", DEV)
    for arm, found in (("none", [PLACE]), ("own", [PEERS, PLACE, WON])):
        for seed in (1, 2):
            run = tmp_path / "runs" / arm / f"seed-{seed}"
            run.mkdir(parents=True)
            write_predictions(run / "predictions.jsonl", predictions(*found))
    return tmp_path


def figures(folder, *options, further=()):
    """What the script prints of the runs, and of those of further folders."""
    others = [folder / name for name in further]
    files = ["--train", folder / "train.jsonl", "--dev", folder / "dev.jsonl"]
    command = [sys.executable, SCRIPT, folder / "runs", *others, *files, *options]
    done = subprocess.run([*map(str, command)], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_slice_has_its_own_posts_and_quintuples(folder):
    rows = figures(folder)
    gold = {row["slice"]: row["gold"] for row in rows}
    assert gold == {
        "all": 3,
        "posts of up to 4 words": 2,
        "an entity unseen in training": 2,
        "persons": 1,
        "misc": 1,
        "held_on": 1,
        "present_in": 0,
        "peer": 1,
    }
    f1 = {(row["slice"], row["arm"]): row["f1"] for row in rows}
    assert f1["all", "own"] == 100
    assert f1["all", "none"] == pytest.approx(50)
    assert f1["persons", "none"] == f1["posts of up to 4 words", "none"] == 0
    assert f1["an entity unseen in training", "none"] == pytest.approx(200 / 3)
    (whole,) = [row for row in rows if (row["slice"], row["arm"]) == ("all", "own")]
    assert whole["seeds"] == [1, 2]
    assert whole["less none"]["f1"] == pytest.approx(50)
    assert whole["less none"]["low"] <= 50 <= whole["less none"]["high"]
    assert "less other" not in whole


def test_rows_of_a_second_folder_are_named_with_it_and_rows_to_compare_with_are_chosen(folder):
    captioned = [replace(post, alt_text="A dog beside a cat") for post in DEV[:1]]
    write_posts(folder / "dev.jsonl", [*captioned, *DEV[1:]])
    (folder / "off").mkdir()
    (folder / "runs" / "none").rename(folder / "off" / "eega")
    rows = figures(folder, "--against", "off/eega", further=["off"])
    assert {row["arm"] for row in rows} == {"own", "off/eega"}
    (crowd,) = [row for row in rows if (row["slice"], row["arm"]) == ("1 to 2 objects", "own")]
    assert crowd["gold"] == 1
    assert crowd["less off/eega"]["f1"] == 100
    assert "3 to 4 objects" not in {row["slice"] for row in rows}
