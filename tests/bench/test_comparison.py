"""A table of one's own: rows in a file."""

import csv
from pathlib import Path

import pytest
import yaml

from jmere.bench.comparison import read_comparison
from jmere.bench.plan import plan
from jmere.bench.worlds.tiny import quick_world
from jmere.cli import main
from jmere.training.run_file import load_run

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "configs" / "compare").glob("*.yaml"))

FILE = {
    "title": "Pictures",
    "config": "base.yaml",
    "against": "none",
    "rows": {
        "none": {"name": "no picture", "set": ["visual.shown=none"]},
        "own": None,
        "on": {"set": ["begin={runs}/own/seed-{seed}/model"]},
    },
}


def written(path, values):
    path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    return path


def test_rows_are_read_in_their_order(tmp_path):
    table, config = read_comparison(written(tmp_path / "pictures.yaml", FILE))
    assert (table.name, table.title, config.name) == ("pictures", "Pictures", "base.yaml")
    assert [(row.folder, row.name) for row in table.rows] == [
        ("none", "no picture"), ("own", "own"), ("on", "on"),
    ]  # fmt: skip
    assert not table.from_paper


def test_a_run_may_go_on_from_another_rows_run_of_its_seed(tmp_path):
    table, _ = read_comparison(written(tmp_path / "rows.yaml", FILE))
    base = {
        "encoder": "none",
        "model": {"name": "text"},
        "data": {"train": ["train.jsonl"], "dev": "dev.jsonl"},
    }
    jobs = plan(table.rows, base, seeds=[7, 8], output=tmp_path).jobs
    assert [job.config.begin for job in jobs if job.row.folder == "on"] == [
        f"{tmp_path}/own/seed-7/model", f"{tmp_path}/own/seed-8/model",
    ]  # fmt: skip


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_table_at_hand_is_of_configs(path, tmp_path):
    table, config = read_comparison(path)
    planned = plan(table.rows, load_run(config), seeds=[1], output=tmp_path)
    assert not planned.missing
    assert len(planned.jobs) == len(table.rows)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": {}}, "rows: expected at least one row"),
        ({"rows": {"a/b": {}}}, "rows: 'a/b' names a folder"),
        ({"rows": {"a": {"sett": []}}, "against": None}, "unknown key 'rows.a.sett'; did you mean"),
        ({"against": "nome"}, "against: unknown row 'nome'; did you mean 'none'?"),
        ({"against": "own", "title": None}, "title: Input should be a valid string"),
        ({"tilte": "x"}, "unknown key 'tilte'; did you mean 'title'?"),
    ],
)
def test_a_faulty_file_is_named_with_its_fault(tmp_path, change, message):
    path = written(tmp_path / "rows.yaml", {**FILE, **change})
    with pytest.raises(ValueError, match=r"rows\.yaml: ") as caught:
        read_comparison(path)
    assert message in str(caught.value)


def test_a_table_of_ones_own_runs_and_is_compared_with_its_base(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    base = quick_world(tmp_path / "world")
    base["training"]["epochs"] = 1
    written(tmp_path / "base.yaml", base)
    rows = {**FILE, "rows": {"none": FILE["rows"]["none"], "own": {}}}
    path = written(tmp_path / "pictures.yaml", rows)
    command = ["bench", "compare", str(path), "--seed", "3", "--processes", "1"]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "less no picture" in out
    assert "paper" not in out
    with (tmp_path / "runs" / "pictures" / "pictures.csv").open(encoding="utf-8") as stream:
        none, own = csv.DictReader(stream)
    assert (none["rival"], own["rival"]) == ("", "no picture")
    used = yaml.safe_load(
        (tmp_path / "runs/pictures/none/seed-3/config.yaml").read_text(encoding="utf-8")
    )
    assert used["visual"]["shown"] == "none"
