import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jmere.errors import DataError, Problem
from jmere.records import SceneObject, SceneRelation
from jmere.scenes.files.features import read_features
from jmere.scenes.files.release import parse_relation, release_scenes

ENTRY: dict[str, Any] = {
    "bbox_labels": ["man", "traffic_light", "trophy"],
    "rel_labels": ["0_man => holding => 2_trophy", "1_traffic_light => in_front_of => 0_man"],
}


def written(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0_man => holding => 2_trophy", ((0, "man"), "holding", (2, "trophy"))),
        (
            "12_traffic_light => on => 10_street",
            ((12, "traffic_light"), "on", (10, "street")),
        ),
        ("3_a_b_4 => standing on=>11_c_5", ((3, "a_b_4"), "standing on", (11, "c_5"))),
        (" 1_hot dog  =>  sitting on  => 0_plate ", ((1, "hot dog"), "sitting on", (0, "plate"))),
    ],
)
def test_relations_are_read_from_their_strings(text: str, expected: Any):
    assert parse_relation(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "man => holding => trophy", "0_man => on", "0_man on 2_cup", "0_ => on => 1_b"],
)
def test_another_form_of_relation_is_refused(text: str):
    with pytest.raises(ValueError, match="expected a form like '0_man => holding => 2_trophy'"):
        parse_relation(text)


def test_an_object_of_images_is_read(tmp_path: Path):
    path = written(tmp_path / "graphs.json", {"a.jpg": ENTRY, "b.jpg": {**ENTRY, "rel_labels": []}})

    scenes = dict(release_scenes(path))

    assert scenes["a.jpg"].objects == (
        SceneObject("man"), SceneObject("traffic light"), SceneObject("trophy"),
    )  # fmt: skip
    assert scenes["a.jpg"].relations == (
        SceneRelation(0, "holding", 2), SceneRelation(1, "in front of", 0),
    )  # fmt: skip
    assert scenes["b.jpg"].relations == ()


def test_a_list_is_read_in_the_order_of_its_images(tmp_path: Path):
    entry = {**ENTRY, "bbox": [[0, 0, 1, 1]] * 3, "bbox_scores": [0.5, 0.25, 1]}
    path = written(tmp_path / "graphs.json", [ENTRY, entry])

    scenes = dict(release_scenes(path, images=["a.jpg", "b.jpg"]))

    assert scenes["b.jpg"].objects[1] == SceneObject("traffic light", (0.0, 0.0, 1.0, 1.0), 0.25)
    with pytest.raises(DataError, match=r"graphs.json: is a list, which names no image"):
        list(release_scenes(path))
    with pytest.raises(DataError, match="has 2 entries for 1 images"):
        list(release_scenes(path, images=["a.jpg"]))


def test_indices_above_nine_are_whole_numbers(tmp_path: Path):
    labels = [f"thing_{place}" for place in range(13)]
    entry = {"bbox_labels": labels, "rel_labels": ["12_thing_12 => near => 10_thing_10"]}
    path = written(tmp_path / "graphs.json", {"a.jpg": entry})
    assert dict(release_scenes(path))["a.jpg"].relations == (SceneRelation(12, "near", 10),)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rel_labels": ["0_man => on => 3_car"]}, "3"),
        ({"rel_labels": ["0_woman => on => 2_trophy"]}, "calls object 0 'woman', but .* 'man'"),
        ({"rel_labels": ["man on trophy"]}, "expected a form like"),
        ({"rel_labels": None}, "expected an object with a list 'rel_labels'"),
        ({"bbox_labels": ["man", 1, "trophy"]}, "expected a string, got 1"),
        ({"bbox_scores": [1]}, "bbox_scores: expected 3 values, got 1"),
    ],
)
def test_a_faulty_entry_is_named_and_the_others_are_read(
    tmp_path: Path, values: dict[str, Any], message: str
):
    path = written(tmp_path / "graphs.json", {"a.jpg": {**ENTRY, **values}, "b.jpg": ENTRY})
    with pytest.raises(DataError, match=rf"graphs.json: image 'a.jpg': .*{message}"):
        list(release_scenes(path))

    problems: list[Problem] = []
    assert list(dict(release_scenes(path, on_problem=problems.append))) == ["b.jpg"]
    assert len(problems) == 1


@pytest.mark.parametrize("key", ["a.jpg", "a", "0"])
def test_features_find_their_image(tmp_path: Path, key: str):
    path = written(tmp_path / "graphs.json", {"a.jpg": ENTRY})
    rows = np.ones((3, 4), np.float32)
    scene = dict(release_scenes(path, features={key: rows}))["a.jpg"]
    assert scene.appearance is rows


def test_features_must_fit(tmp_path: Path):
    path = written(tmp_path / "graphs.json", {"a.jpg": ENTRY})
    with pytest.raises(DataError, match=r"image 'a.jpg': 2 appearance vectors for 3 objects"):
        list(release_scenes(path, features={"a": np.ones((2, 4), np.float32)}))
    with pytest.raises(DataError, match=r"no features under 'a.jpg'"):
        list(release_scenes(path, features={}))


def test_three_kinds_of_file_hold_the_same_features(tmp_path: Path):
    h5py = pytest.importorskip("h5py")
    images = np.arange(24, dtype=np.float64).reshape(2, 3, 4)
    np.save(tmp_path / "all.npy", images)
    np.savez(tmp_path / "all.npz", **{"0": images[0], "1": images[1]})
    with h5py.File(tmp_path / "all.h5", "w") as file:
        file["anything"] = images

    found = [read_features(tmp_path / f"all.{suffix}") for suffix in ("npy", "npz", "h5")]

    for features in found:
        assert list(features) == ["0", "1"]
        assert all(rows.dtype == np.float32 for rows in features.values())
        np.testing.assert_array_equal(features["1"], images[1])


def test_an_array_of_two_axes_belongs_to_the_image_it_is_named_after(tmp_path: Path):
    np.save(tmp_path / "17_06_1.npy", np.ones((2, 3)))
    np.savez(tmp_path / "all.npz", a=np.ones((2, 3)), b=np.zeros((4, 3)))
    assert list(read_features(tmp_path / "17_06_1.npy")) == ["17_06_1"]
    assert {name: len(rows) for name, rows in read_features(tmp_path / "all.npz").items()} == {
        "a": 2,
        "b": 4,
    }


@pytest.mark.parametrize("suffix", ["pkl", "pickle", "pt", "pth"])
def test_pickles_are_refused_with_the_way_to_convert_them(tmp_path: Path, suffix: str):
    path = tmp_path / f"features.{suffix}"
    path.write_bytes(pickle.dumps({"a": np.ones((2, 3))}))
    with pytest.raises(DataError, match=r"If you trust it, convert it once: python -c") as refusal:
        read_features(path)
    assert "\n" not in str(refusal.value)
    with pytest.raises(DataError, match=r"convert it once"):
        list(release_scenes(path))


def test_a_strange_name_is_not_repeated_in_a_command(tmp_path: Path):
    path = tmp_path / "a'); $(rm).pkl"
    path.touch()
    with pytest.raises(DataError, match=r"open\('FILE.pkl', 'rb'\)"):
        read_features(path)
    with pytest.raises(DataError, match=r"open\('FILE.pkl', 'rb'\)"):
        list(release_scenes(path))


def test_the_way_to_convert_features_works(tmp_path: Path):
    path = tmp_path / "features.pkl"
    path.write_bytes(pickle.dumps([np.ones((2, 3)), np.zeros((2, 3))]))
    with pytest.raises(DataError) as refusal:
        read_features(path)
    code = str(refusal.value).split('"')[1]
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert list(read_features(tmp_path / "features.npz")) == ["0", "1"]


def test_the_way_to_convert_graphs_works(tmp_path: Path):
    path = tmp_path / "graphs.pickle"
    path.write_bytes(pickle.dumps([{**ENTRY, "bbox_scores": np.ones(3)}]))
    with pytest.raises(DataError) as refusal:
        list(release_scenes(path))
    code = str(refusal.value).split('"')[1]
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    scenes = dict(release_scenes(tmp_path / "graphs.json", images=["a.jpg"]))
    assert scenes["a.jpg"].objects[0] == SceneObject("man", None, 1.0)


def test_arrays_of_python_objects_are_refused_as_pickles(tmp_path: Path):
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "objects.npz", a=np.array([{"a": 1}], dtype=object))
    for name in ("objects.npy", "objects.npz"):
        with pytest.raises(DataError, match=f"{name}: holds a pickle"):
            read_features(tmp_path / name)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": np.array([[1, np.nan]])}, "'a' has a number that is not finite, in object 0"),
        ({"a": np.array([[1.0], [1e300]])}, "not finite, in object 1"),
        ({"a": np.ones((2, 3)), "b": np.ones((2, 4))}, "'b' .* width 4; expected 3"),
        ({"a": np.ones(3)}, r"'a' has shape \(3,\); expected objects x width"),
        ({"a": np.array([["x"]])}, "'a' holds <U1; expected numbers"),
    ],
)
def test_faulty_features_are_refused_in_one_line(
    tmp_path: Path, arrays: dict[str, Any], message: str
):
    np.savez(tmp_path / "all.npz", **arrays)
    with pytest.raises(DataError, match=f"all.npz: .*{message}"):
        read_features(tmp_path / "all.npz")


@pytest.mark.parametrize("suffix", ["npy", "npz", "h5"])
@pytest.mark.parametrize("content", [b"", b"no array at all", b"PK\x03\x04"])
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, suffix: str, content: bytes):
    path = tmp_path / f"all.{suffix}"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"all.{suffix}: ") as refusal:
        read_features(path)
    assert "\n" not in str(refusal.value)


def test_a_link_out_of_an_hdf5_file_is_refused(tmp_path: Path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "all.h5", "w") as file:
        file["a"] = h5py.ExternalLink("other.h5", "/a")
    with pytest.raises(DataError, match="'a' is a link; expected the array itself"):
        read_features(tmp_path / "all.h5")


def test_unknown_and_missing_files_are_named(tmp_path: Path):
    (tmp_path / "all.csv").touch()
    with pytest.raises(DataError, match=r"are read from .npy, .npz, .h5 or .hdf5 files"):
        read_features(tmp_path / "all.csv")
    with pytest.raises(FileNotFoundError, match=r"none.npy: no such file"):
        read_features(tmp_path / "none.npy")


def test_hdf5_says_which_extra_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "all.h5").touch()
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"HDF5 needs: pip install 'jmere\[toolkit\]'"):
        read_features(tmp_path / "all.h5")
