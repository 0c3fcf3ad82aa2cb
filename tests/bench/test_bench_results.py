"""Means, deviations and differences of made-up runs, on paper."""

import json

import pytest

from jmere.bench.paper import Figures, Row, Table
from jmere.bench.plan import PREDICTIONS, RESULT, plan
from jmere.bench.render import comma_separated, markdown, table_text, table_to_json
from jmere.bench.results import gather
from jmere.training.resume import write_config

SPANS = [{"start": 0, "end": 3, "type": "per"}, {"start": 8, "end": 11, "type": "per"}]
RIGHT = {"head": SPANS[0], "tail": SPANS[1], "relation": "peer"}
WRONG = {**RIGHT, "relation": "couple"}
ROWS = (
    Row(name="Good*", folder="good", jmere=Figures(50, 50, 50), mner=Figures(70, 70, 70)),
    Row(name="Bad", folder="bad", jmere=44.5),
    Row(name="Late", folder="late", in_paper=False),
)
TABLE = Table(name="made_up", title="Made up", rows=ROWS)


@pytest.fixture
def result(tmp_path):
    """Good: 4 and 2 of 4 right. Bad: 1 of 4, one seed. Late: no run."""
    dev = tmp_path / "dev.jsonl"
    posts = [{"id": str(n), "text": "Ann met Bob", "quintuples": [RIGHT]} for n in range(4)]
    dev.write_text("".join(json.dumps(post) + "\n" for post in posts), encoding="utf-8")
    base = {
        "encoder": "none",
        "model": {"name": "eega"},
        "data": {"train": [str(dev)], "dev": str(dev)},
        "training": {"reading": "undirected"},
    }
    planned = plan(ROWS, base, seeds=[1, 2], output=tmp_path)
    for folder, seed, right in (("good", 1, 4), ("good", 2, 2), ("bad", 1, 1)):
        run = tmp_path / folder / f"seed-{seed}"
        run.mkdir(parents=True)
        found = [
            {"id": post["id"], "quintuples": [RIGHT if n < right else WRONG]}
            for n, post in enumerate(posts)
        ]
        lines = "".join(json.dumps(each) + "\n" for each in found)
        (run / PREDICTIONS).write_text(lines, encoding="utf-8")
        (run / RESULT).write_text("{}", encoding="utf-8")
    for job in planned.jobs:
        if job.folder.exists():
            write_config(job.config)
    return gather(planned)


def test_mean_and_deviation_are_over_the_seeds(result):
    good, bad, late = result.rows
    assert good.jmere.f1.mean == pytest.approx(75)
    assert good.jmere.f1.deviation == pytest.approx(50 / 2**0.5)  # of 100 and 50
    assert (bad.jmere.f1.mean, bad.jmere.f1.deviation) == (pytest.approx(25), None)
    assert good.mner.f1.mean == pytest.approx(100)
    assert late.jmere is None


def test_each_is_compared_with_the_best_other_over_the_seeds_of_both(result):
    good, bad, _ = result.rows
    assert (good.rival, bad.rival) == ("Bad", "Good*")
    assert good.difference.f1 == pytest.approx(0.75)  # seed 1 alone: 100 less 25
    assert bad.difference.f1 == pytest.approx(-0.75)
    assert 0 < good.difference.p_value < 0.2


def test_the_text_has_ours_beside_the_papers(result):
    lines = table_text(TABLE, result).splitlines()
    assert lines[0].startswith("Made up; ours on dev (4 posts, undirected reading)")
    good, bad, late, note = (" ".join(line.split()) for line in lines[3:])
    assert "75.00 ± 35.36 50.00 / 50.00 / 50.00" in good
    assert "25.00 25.00 25.00 44.50" in bad
    assert late == "Late (not in the paper) - - - - - - - - 0 - -"
    assert note == "Late: no finished run"


def test_markdown_is_a_table_and_marks_no_word(result):
    lines = markdown(TABLE, result).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert {line.count("|") for line in table} == {13}
    assert table[2].startswith("| Good\\* |")


def test_programs_read_the_same_figures(result):
    value = json.loads(json.dumps(table_to_json(TABLE, result)))
    good, bad, _ = value["rows"]
    assert good["dev"]["jmere"]["f1"]["mean"] == pytest.approx(75)
    assert bad["paper"] == {"jmere": {"f1": 44.5}, "mner": None}
    header, first, *_ = comma_separated(result).splitlines()
    cells = dict(zip(header.split(","), first.split(","), strict=True))
    assert cells["jmere_f1"] == "75.0000"
    assert cells["mner_f1_paper"] == "70"
    assert cells["seeds"] == "1 2"
