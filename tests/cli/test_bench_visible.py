import json
import shutil

import pytest

from jmere.cli import main
from jmere.tagger.visible.head_files import VISIBLE_CONFIG

LINES = [
    {
        "image": "1.jpg",
        "tokens": ["Ann", "of", "Bonn"],
        "tags": ["B-PER", "O", "B-LOC"],
        "boxes": [{"name": "Ann", "box": [0, 0, 5, 5]}],
    },
    {"image": "2.jpg", "tokens": ["Rain"], "tags": ["O"]},
]


@pytest.fixture
def files(tmp_path):
    posts, captions = tmp_path / "gmner.jsonl", tmp_path / "captions.txt"
    posts.write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    captions.write_text("1.jpg :a woman in a street\n", encoding="utf-8")
    return [str(posts), "--captions", str(captions)]


def test_a_head_is_built_and_measured(files, tiny_model, tmp_path, capsys):
    train, out = tmp_path / "train.jsonl", tmp_path / "with-heads"
    train.write_text("\n".join(json.dumps(LINES[0]) for _ in range(4)), encoding="utf-8")
    small = ["--set", "layers=[1]", "--set", "width=4", "--set", "epochs=1", "--set", "folds=2"]
    build = ["build", "visible", str(train), str(out), *files[1:], "--model", str(tiny_model)]
    assert main([*build, *small]) == 0
    assert json.loads(capsys.readouterr().out)["posts"] == 4

    assert main(["bench", "visible", *files, "--model", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["posts", "entities", "accuracy", "precision", "recall", "f1"]
    assert (found["posts"], found["entities"]) == (2, 2)
    assert all(0 <= found[key] <= 1 for key in ("accuracy", "precision", "recall", "f1"))

    assert main(["bench", "visible", *files, "--model", str(out)]) == 0
    assert "2 entities of 2 posts: accuracy" in capsys.readouterr().out


def test_pictures_of_another_set_are_left_out(files, tiny_model, tmp_path, capsys):
    train, other = tmp_path / "train.jsonl", tmp_path / "test.txt"
    lines = [{**LINES[0], "image": f"{number}.jpg"} for number in range(6)]
    train.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    other.write_text("IMGID:3\nAnn\tB-PER\n\nIMGID:4\nBonn\tB-LOC\n", encoding="utf-8")
    small = ["--set", "layers=[1]", "--set", "width=4", "--set", "epochs=1", "--set", "folds=2"]
    build = ["build", "visible", str(train), str(tmp_path / "out"), *files[1:]]
    assert main([*build, "--model", str(tiny_model), "--without", str(other), *small]) == 0
    assert json.loads(capsys.readouterr().out)["posts"] == 4


def test_a_model_without_a_head_is_told_in_one_line(files, tiny_model, capsys):
    assert main(["bench", "visible", *files, "--model", str(tiny_model)]) == 2
    err = capsys.readouterr().err.strip()
    assert "this model has no head for visible" in err
    assert "\n" not in err


def test_a_head_with_a_missing_file_is_told_in_one_line(files, tiny_model, tmp_path, capsys):
    copy = shutil.copytree(tiny_model, tmp_path / "copy")
    (copy / VISIBLE_CONFIG).write_text("{}", encoding="utf-8")
    assert main(["bench", "visible", *files, "--model", str(copy)]) == 2
    assert "no visible.safetensors" in capsys.readouterr().err
