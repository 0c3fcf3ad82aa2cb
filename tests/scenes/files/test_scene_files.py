import gzip
import json
import os
import threading

import numpy as np
import pytest

from jmere.errors import DataError
from jmere.scenes.files.scene_files import INFO, TOOLKIT_PREDICTIONS, read_scenes


def test_a_folder_of_the_toolkit_is_read(tmp_path):
    prediction = {
        "bbox": [[0, 0, 4, 4], [1, 1, 3, 3]],
        "bbox_labels": [1, 2],
        "bbox_scores": [0.9, 0.8],
        "rel_pairs": [[0, 1]],
        "rel_labels": [1],
        "rel_scores": [0.7],
    }
    info = {
        "idx_to_files": ["img/a.jpg"],
        "ind_to_classes": ["__background__", "man", "hat"],
        "ind_to_predicates": ["__background__", "wearing"],
    }
    (tmp_path / TOOLKIT_PREDICTIONS).write_text(json.dumps({"0": prediction}), encoding="utf-8")
    (tmp_path / INFO).write_text(json.dumps(info), encoding="utf-8")
    scene = read_scenes(tmp_path)["a.jpg"]
    assert [thing.label for thing in scene.objects] == ["man", "hat"]
    assert scene.relations[0].predicate == "wearing"


def test_a_release_file_with_features_is_read(tmp_path):
    entry = {"bbox_labels": ["man", "hat"], "rel_labels": ["0_man => wearing => 1_hat"]}
    (tmp_path / "a.json").write_text(json.dumps({"a.jpg": entry}), encoding="utf-8")
    np.savez(tmp_path / "a.npz", a=np.ones((2, 5), np.float32))
    scene = read_scenes(tmp_path / "a.json", features=tmp_path / "a.npz")["a.jpg"]
    assert scene.appearance.shape == (2, 5)
    assert scene.relations[0].predicate == "wearing"


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no custom_prediction\.json; expected"):
        read_scenes(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such file or folder of scene graphs"):
        read_scenes(tmp_path / "nothing.json")
    (tmp_path / "a.pkl").write_bytes(b"x")
    with pytest.raises(DataError, match="is a pickle, which can run any code"):
        read_scenes(tmp_path / "a.pkl")


def test_a_compressed_release_and_one_from_a_pipe_are_read(tmp_path):
    entry = {"bbox_labels": ["man"], "rel_labels": []}
    text = json.dumps({"a.jpg": entry}).encode()
    (tmp_path / "scenes.json.gz").write_bytes(gzip.compress(text))
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(text,))
    writer.start()
    read = [read_scenes(tmp_path / name) for name in ("scenes.json.gz", "pipe")]
    writer.join()
    for scenes in read:
        assert [thing.label for thing in scenes["a.jpg"].objects] == ["man"]
