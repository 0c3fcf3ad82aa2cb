"""The whole of Table 1 on the made-up world, once, and what stands around it."""

import csv
import json

import pytest

from jmere.bench import runner
from jmere.cli import main
from jmere.training.logs import Logs


def bench(*arguments):
    return main(["bench", *map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The finished runs of the quick Table 1."""
    output = tmp_path_factory.mktemp("quick")
    assert bench("table1", "--quick", "--processes", 1, "-o", output) == 0
    return output


def test_every_row_of_table_1_runs(folder):
    with (folder / "table1.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 14
    assert all(row["jmere_f1"] and row["seeds"] == "19" for row in rows)
    assert [row["method"] for row in rows if row["in_paper"] == "False"] == [
        "MAF+MEGA",
        "EEGA, default edge cost",
        "text alone*",
    ]
    assert max(float(row["mner_f1"]) for row in rows) == 100


def test_what_is_finished_is_not_run_again(folder, monkeypatch, capsys):
    monkeypatch.setattr(runner, "work", lambda job: pytest.fail(f"{job} runs again"))
    assert bench("table1", "--quick", "--processes", 1, "-o", folder) == 0
    assert "EEGA" in capsys.readouterr().out


def test_a_finished_run_keeps_what_is_needed_and_no_checkpoint(folder):
    run = folder / "umgf_mega" / "seed-19"
    assert {path.name for path in run.iterdir()} == {
        "config.yaml", "log.csv", "model", "predictions.jsonl", "result.json", "tensorboard"
    }  # fmt: skip


def test_tables_share_the_runs_of_eega(folder, capsys):
    assert bench("table2", "--quick", "--finished", "-o", folder, "--json") == 0
    whole, *without = json.loads(capsys.readouterr().out)["rows"]
    assert whole["dev"]["mner"]["f1"]["deviation"] is None
    assert [row["note"] for row in without] == ["no finished run"] * 3


def test_figure_9_is_drawn_with_the_points_there_are(folder, capsys):
    assert bench("figure9", "--quick", "--finished", "-o", folder) == 0
    assert "alpha 0.4" in capsys.readouterr().out
    assert (folder / "figure9.png").read_bytes().startswith(b"\x89PNG")


def test_another_config_is_not_taken_for_the_same_run(folder, capsys):
    code = bench("table1", "--quick", "-o", folder, "--set", "training.epochs=2")
    assert code == 2
    assert "run of a different config; choose another --output" in capsys.readouterr().err


def test_a_run_cut_short_fails_alone_and_is_gone_on_with(folder, tmp_path, monkeypatch, capsys):
    write = Logs.write

    def die_in_second_epoch(logs, epoch, losses):
        if epoch == 2 and "text" in str(logs.path):
            raise InterruptedError("the lights went out")
        write(logs, epoch, losses)

    quick = ("table1", "--quick", "--row", "text", "--row", "adapcoatt", "--processes", 1)
    with monkeypatch.context() as patch:
        patch.setattr(Logs, "write", die_in_second_epoch)
        assert bench(*quick, "-o", tmp_path) == 1
    out, err = capsys.readouterr()
    assert "text alone*: no finished run" in out
    assert "jmere: text alone*, seed 19: failed: InterruptedError: the lights went out" in err
    assert bench(*quick, "-o", tmp_path) == 0
    for row in ("text", "adapcoatt"):
        found = [at / row / "seed-19" / "predictions.jsonl" for at in (folder, tmp_path)]
        assert found[0].read_text("utf-8") == found[1].read_text("utf-8")


def test_runs_go_side_by_side(tmp_path, capsys):
    rows = ("--row", "eega", "--row", "eega_without_channels")
    assert bench("table2", "--quick", *rows, "--processes", 2, "-o", tmp_path, "--json") == 0
    found = json.loads(capsys.readouterr().out)["rows"]
    assert [row["seeds"] for row in found] == [[19], [19]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--row", "umfg"], "unknown row 'umfg'; did you mean 'umgf'?"),
        (["--set", "training.epoch=2"], "unknown key 'training.epoch'; did you mean 'epochs'?"),
        (["--config", "nowhere.yaml"], "nowhere.yaml: no such file"),
    ],
)
def test_bad_input_ends_in_one_line(tmp_path, capsys, options, message):
    quick = [] if "--config" in options else ["--quick"]
    assert bench("table1", *quick, "-o", tmp_path, *options) == 2
    assert message in capsys.readouterr().err.splitlines()[-1]
