"""One head for pairs in all rows of a table, and runs that need others."""

import pytest

from jmere.bench.heads import check_heads, head_of
from jmere.bench.paper import TABLE1, TABLE2
from jmere.bench.plan import chosen_rows, plan
from jmere.bench.runner import waves
from jmere.config import override
from jmere.models.registry import ModelConfig


def base(*settings):
    values = {
        "encoder": "encoder",
        "model": {"name": "eega", "pair_form": "biaffine", "pair_distance": 10},
        "data": {"train": ["train.jsonl"], "dev": "dev.jsonl"},
    }
    return override(values, settings)


def heads(tmp_path, *settings):
    jobs = plan(TABLE1.rows, base(*settings), seeds=[1], output=tmp_path).jobs
    return {str(head_of(job.config.model)) for job in jobs if job.row.one_head}


@pytest.mark.parametrize(
    ("setting", "part"),
    [
        ("model.pair_form=additive", "form additive"),
        ("model.pair_width=77", "width 77"),
        ("model.pair_distance=3", "distance 3"),
        ("model.dropout=0.11", "dropout 0.11"),
    ],
)
def test_a_setting_of_the_head_reaches_every_row(tmp_path, setting, part):
    (head,) = heads(tmp_path, setting)
    assert part in head
    assert part not in next(iter(heads(tmp_path)))


def test_a_head_that_one_model_alone_has_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"require the same pair head: .* EEGA has"):
        heads(tmp_path, "model.pair_features=true")
    planned = plan(TABLE2.rows, base("model.pair_features=true"), seeds=[1], output=tmp_path)
    assert len(planned.jobs) == 4  # all of them EEGA


def test_a_mixture_names_both_rows():
    models = [
        ("first", ModelConfig.parse({"name": "text"})),
        ("pipeline", ModelConfig.parse({"name": "pipeline", "entities": {"name": "text"}})),
        ("second", ModelConfig.parse({"name": "text", "pairs": {"width": 9}})),
    ]
    with pytest.raises(ValueError, match=r"first has .*width 150.*; second has .*width 9"):
        check_heads(models)


def test_pipelines_share_one_relation_half(tmp_path):
    jobs = plan(TABLE1.rows, base(), seeds=[1, 2], output=tmp_path).jobs
    pipelines = [job for job in jobs if job.config.model.name == "pipeline"]
    taken = {job.config.model.choices.relations.trained for job in pipelines if job.seed == 2}
    provider = tmp_path / "adapcoatt_mega" / "seed-2"
    assert taken == {None, str(provider / "model")}
    first, *others = waves(jobs)
    assert provider in {job.folder for job in first}
    assert {job.row.folder for job in others[0]} == {
        "ocsga_mega", "agban_mega", "umgf_mega", "maf_mega",
    }  # fmt: skip
    assert len(others) == 1


def test_a_row_alone_brings_the_run_it_needs(tmp_path):
    rows = chosen_rows(TABLE1.rows, ["umgf_mega"])
    planned = plan(rows, base(), seeds=[3], output=tmp_path)
    assert [row.folder for row in planned.rows] == ["umgf_mega"]
    assert [job.row.folder for job in planned.jobs] == ["adapcoatt_mega", "umgf_mega"]
