import logging

import pytest
import yaml

from builders import tiny_run
from jmere.training.moved_keys import MOVED, moved_settings, moved_values
from jmere.training.resume import check_resumable
from jmere.training.run_config import RunConfig
from jmere.training.run_file import load_run, with_settings

OLD = {
    "scenes": "graphs.json",
    "features": "vectors.npz",
    "images": "photos",
    "detector": "detr",
    "weights": "some/detr",
    "visual": "shuffled",
}
OLD_GRAPHS = {"objects": 7}


def test_every_old_key_is_read_with_a_warning_that_names_the_new_one(tmp_path, caplog):
    values = tiny_run(tmp_path)
    values["data"] |= OLD
    values["graphs"] = OLD_GRAPHS
    with caplog.at_level(logging.WARNING):
        config = RunConfig.parse(values)
    visual = config.to_json()["visual"]
    for old, new in MOVED.items():
        assert visual[new.split(".")[1]] == (OLD | OLD_GRAPHS)[old.split(".")[1]]
        assert f"{old} is called {new} now; its old name will go" in caplog.messages
    assert len(caplog.messages) == len(MOVED) == len(OLD | OLD_GRAPHS)


def test_an_old_key_replaces_the_new_one_of_the_file_that_is_extended(tmp_path, caplog):
    values = tiny_run(tmp_path) | {"visual": {"scenes": "theirs.json", "features": "x.npz"}}
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text("extends: base.yaml\ndata: {scenes: mine.json}\n", encoding="utf-8")
    read = load_run(own)
    assert RunConfig.parse(read).visual.scenes == "mine.json"
    assert caplog.messages == [
        f"{own}: data.scenes is called visual.scenes now; its old name will go"
    ]
    changed = with_settings(read, ["data.scenes=other.json", "training.epochs=1"])
    config = RunConfig.parse(changed)
    assert (config.visual.scenes, config.visual.features) == ("other.json", "x.npz")


def test_both_names_of_one_value_are_refused(tmp_path):
    values = tiny_run(tmp_path) | {"visual": {"images": "a"}}
    values["data"] |= {"images": "b"}
    with pytest.raises(ValueError, match=r"^data\.images is the old name of visual\.images; give"):
        RunConfig.parse(values)


def test_values_that_are_no_parts_are_left_to_the_reader():
    for values in ({"data": 3}, {"data": {"images": "a"}, "visual": 3}, {}):
        assert moved_values(values) == values


def test_settings_keep_what_is_not_old():
    assert moved_settings(["data.visual = none", "loss.x=1", "odd"], warn=False) == [
        "visual.shown= none",
        "loss.x=1",
        "odd",
    ]


def test_a_run_of_the_old_keys_is_resumed_without_a_word(tmp_path, caplog):
    values = tiny_run(tmp_path)
    now = RunConfig.parse(values | {"visual": {"images": "photos"}})
    folder = tmp_path / "run"
    (folder / "model").mkdir(parents=True)
    before = now.to_json()
    visual = before.pop("visual")
    before["graphs"]["objects"] = visual.pop("objects")
    before["data"] |= {"visual": visual.pop("shown")}
    before["data"] |= {name: value for name, value in visual.items() if name in OLD}
    (folder / "config.yaml").write_text(yaml.safe_dump(before), encoding="utf-8")
    check_resumable(now, resume=True)
    assert caplog.messages == []


def test_the_model_is_made_for_the_objects_that_it_is_shown(tmp_path):
    values = tiny_run(tmp_path) | {"visual": {"objects": 4}, "graphs": {"parser": "bundled"}}
    assert RunConfig.parse(values).graph_config().objects == 4
    assert RunConfig.parse(tiny_run(tmp_path)).graph_config().objects == 10


@pytest.mark.parametrize(("objects", "kept"), [(None, 10), (4, 4)])
def test_a_run_of_0_2_wrote_the_number_of_objects_in_two_parts(tmp_path, objects, kept):
    values = tiny_run(tmp_path) | {"visual": {"objects": objects}, "graphs": {"objects": kept}}
    assert RunConfig.parse(values, used=True).visual.objects == kept


def test_two_numbers_of_objects_are_refused(tmp_path):
    values = tiny_run(tmp_path) | {"visual": {"objects": 4}, "graphs": {"objects": 5}}
    with pytest.raises(ValueError, match=r"^graphs\.objects is the old name of visual\.objects;"):
        RunConfig.parse(values)
