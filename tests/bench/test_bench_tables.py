import pytest

from jmere.bench.paper import FIGURE9, TABLE1, TABLES, Figures, Row
from jmere.bench.plan import plan
from jmere.files.packaged import find_config
from jmere.models.registry import RECIPES
from jmere.training.run_file import load_run

BASE = load_run(find_config("table1", "runs"))

PRINTED = [
    pytest.param(figures, id=f"{row.name}-{task}")
    for table in TABLES.values()
    for row in table.rows
    for task, figures in (("jmere", row.jmere), ("mner", row.mner))
    if isinstance(figures, Figures) and (row.name, task) != ("AGBAN+MEGA", "jmere")  # misprinted
]


@pytest.mark.parametrize("figures", PRINTED)
def test_the_papers_f1_follows_from_its_precision_and_recall(figures):
    harmonic = 2 * figures.precision * figures.recall / (figures.precision + figures.recall)
    assert figures.f1 == pytest.approx(harmonic, abs=0.011)


def test_table_1_has_the_papers_eleven_rows():
    assert sum(row.in_paper for row in TABLE1.rows) == 11
    assert all((row.jmere is not None) == row.in_paper for row in TABLE1.rows)


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_row_is_a_config(table, tmp_path):
    planned = plan(table.rows, BASE, seeds=[1, 2], output=tmp_path)
    assert not planned.missing
    assert len({row.folder for row in table.rows}) * 2 == len(planned.jobs)
    first, *_, last = planned.jobs
    assert (first.seed, last.seed) == (1, 2)
    assert last.config.training.seed == 2


def test_rows_differ_in_what_they_say_and_in_nothing_else(tmp_path):
    jobs = plan(TABLE1.rows, BASE, seeds=[1], output=tmp_path).jobs
    rest = [{**job.config.to_json(), "output": None, "model": None} for job in jobs]
    assert all(each == rest[0] for each in rest)


def test_both_curves_pass_through_eega_itself():
    chosen = {row.name for row in FIGURE9.rows if row.folder == "eega"}
    assert chosen == {"alpha 0.4", "lambda 0.6"}


def test_a_row_whose_model_is_not_there_is_named(tmp_path):
    rows = [*TABLE1.rows, Row(name="Next", folder="next", settings=("model={name: egga}",))]
    planned = plan(rows, BASE, seeds=[1], output=tmp_path)
    assert planned.missing == {"Next": "unknown model 'egga'; did you mean 'mega'?"}
    assert len(planned.jobs) == len(TABLE1.rows)


def test_every_model_has_a_row_of_table_1(tmp_path):
    jobs = plan(TABLE1.rows, BASE, seeds=[1], output=tmp_path).jobs
    assert {job.config.model.name for job in jobs} == set(RECIPES)
