"""Run files that extend others, and where they are found."""

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from jmere.cli import main
from jmere.config import load_yaml, override, parse_config
from jmere.files.packaged import find_config, packaged_file
from jmere.training.run_config import RunConfig
from jmere.training.run_file import MAX_CHAIN, load_run, run_chain, run_faults

ROOT = Path(__file__).parents[2]
SHIPPED = sorted([*ROOT.glob("configs/runs/*.yaml"), *ROOT.glob("recipes/*/*.yaml")])

BASE = {
    "output": "runs/a",
    "encoder": "none",
    "model": {"name": "eega", "alpha": 0.2, "objects": {"form": "sum"}},
    "data": {"train": ["a.jsonl", "b.jsonl"], "dev": "dev.jsonl"},
}


def written(path, **values):
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


def test_mappings_are_merged_and_lists_and_values_replaced(tmp_path):
    written(tmp_path / "base.yaml", **BASE)
    own = {"model": {"graph_weight": 0.1}, "data": {"train": ["c.jsonl"]}}
    path = written(tmp_path / "sub" / "run.yaml", extends="../base.yaml", **own)
    assert load_run(path) == {
        **BASE,
        "model": {**BASE["model"], "graph_weight": 0.1},
        "data": {"train": ["c.jsonl"], "dev": "dev.jsonl"},
    }


@dataclass(frozen=True, kw_only=True)
class _Renamed:
    max_steps: int = field(default=1, metadata={"was": "most_steps"})


def test_a_renamed_key_is_read_by_its_old_name_with_a_warning(caplog):
    assert parse_config(_Renamed, {"most_steps": 4}, "training").max_steps == 4
    assert "training.most_steps is called training.max_steps now" in caplog.text
    with pytest.raises(ValueError, match=r"most_steps is the old name of max_steps; give one"):
        parse_config(_Renamed, {"most_steps": 4, "max_steps": 5})
    with pytest.raises(ValueError, match="unknown key 'None'"):
        parse_config(_Renamed, {None: 1})


def test_another_model_of_the_command_line_starts_afresh_in_any_order():
    settings = ["model.layers=3", "model.name=umgf"]
    assert override(deepcopy(BASE), settings)["model"] == {"name": "umgf", "layers": 3}
    assert override(deepcopy(BASE), ["model.name=eega"])["model"] == BASE["model"]


def test_another_model_starts_afresh(tmp_path):
    written(tmp_path / "base.yaml", **BASE)
    path = written(tmp_path / "run.yaml", extends="base.yaml", model={"name": "text"})
    assert load_run(path)["model"] == {"name": "text"}
    same = written(tmp_path / "same.yaml", extends="base.yaml", model={"name": "eega"})
    assert load_run(same)["model"] == BASE["model"]


def test_a_run_file_may_extend_one_that_comes_with_the_package(tmp_path):
    path = written(tmp_path / "run.yaml", extends="table1", training={"epochs": 2})
    values = load_run(path)
    assert values["training"]["epochs"] == 2
    assert values["model"] == load_run(find_config("table1", "runs"))["model"]
    assert "extends" not in values
    assert "extends" not in RunConfig.parse(values).to_json()


def test_a_circle_is_one_line_with_its_files(tmp_path):
    written(tmp_path / "a.yaml", extends="b.yaml")
    written(tmp_path / "b.yaml", extends="a.yaml")
    with pytest.raises(ValueError, match=r"circle: \S*a\.yaml -> \S*b\.yaml -> \S*a\.yaml$"):
        load_run(tmp_path / "a.yaml")


def test_a_chain_has_a_limit(tmp_path):
    written(tmp_path / "0.yaml", **BASE)
    for index in range(1, MAX_CHAIN + 1):
        written(tmp_path / f"{index}.yaml", extends=f"{index - 1}.yaml")
    assert load_run(tmp_path / f"{MAX_CHAIN - 1}.yaml") == BASE
    with pytest.raises(ValueError, match=f"a chain of more than {MAX_CHAIN} files"):
        load_run(tmp_path / f"{MAX_CHAIN}.yaml")


@pytest.mark.parametrize(
    ("extends", "message"),
    [
        ("nowhere.yaml", r"run\.yaml: extends: .*nowhere\.yaml: no such file"),
        ("tabel1", r"run\.yaml: extends: tabel1: no such file; did you mean 'table1'"),
        (7, r"run\.yaml: extends: expected the path of a run file"),
        ([], r"run\.yaml: extends: expected the path of a run file"),
        ("", r"run\.yaml: extends: expected the path of a run file"),
    ],
)
def test_a_file_to_extend_that_is_not_there_is_named(tmp_path, extends, message):
    path = written(tmp_path / "run.yaml", extends=extends)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        load_run(path)


@pytest.mark.parametrize(
    ("change", "file"),
    [
        ({"training": {"epohcs": 1}}, "base.yaml"),
        ({"training": {"epochs": "many"}}, "base.yaml"),
        ({"training": {"patience": 0}}, "base.yaml"),
    ],
)
def test_a_fault_is_told_with_the_file_that_has_it(tmp_path, capsys, change, file):
    written(tmp_path / "base.yaml", **BASE, **change)
    path = written(tmp_path / "run.yaml", extends="base.yaml", training={"seed": 1})
    assert main(["train", str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"jmere: {tmp_path / file}: ")


def test_a_fault_of_a_setting_is_of_no_file(tmp_path):
    path = written(tmp_path / "base.yaml", **BASE, training={"epochs": 1})
    settings = ["training.epochs=x"]
    with pytest.raises(ValueError, match=r"^training\.epochs: "), run_faults(path, settings):
        RunConfig.parse({**BASE, "training": {"epochs": "x"}})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_run_file_repeats_what_it_extends(path):
    chain = run_chain(path)
    base = load_run(chain[1][0]) if len(chain) > 1 else {}
    assert list(_repeated(chain[0][1], base)) == []


def _repeated(values, base, where=""):
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            yield from _repeated(value, base[key], f"{where}{key}.")
        elif key in base and base[key] == value:
            yield where + key


def test_every_run_file_but_the_base_extends_one():
    alone = [path.stem for path in SHIPPED if "extends" not in load_yaml(path)]
    assert sorted(alone) == ["base", "posts"]


def test_presets_of_the_paper_alone_need_a_parser_to_be_installed():
    named = {path.stem for path in ROOT.glob("configs/runs/*.yaml") if "parser" in
             load_run(path).get("graphs", {})}  # fmt: skip
    assert named == {"paper", "release"}


def test_packaged_files_are_found_from_any_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert find_config("table1", "runs").is_file()
    assert find_config("picture", "compare").is_file()
    assert packaged_file("recipes/bundled/parser.cfg").is_file()
    assert main(["train", "tabel1"]) == 2
    assert "did you mean 'table1'" in capsys.readouterr().err
    assert main(["bench", "table1", "--finished", "--seed", "1"]) == 0
    with pytest.raises(FileNotFoundError, match="configs/nothing: not among the files"):
        packaged_file("configs/nothing")


def test_a_file_at_hand_goes_before_a_packaged_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "table1", **BASE)
    assert find_config("table1", "runs") == Path("table1")
