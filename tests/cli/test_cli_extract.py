import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from builders import sample_posts
from jmere.cli import main
from jmere.data.jsonl import write_posts


@pytest.fixture
def posts(tmp_path):
    path = tmp_path / "posts.jsonl"
    write_posts(path, sample_posts())
    return path


def extract(*arguments):
    return main(["extract", *map(str, arguments)])


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_one_line_per_post_in_order(posts, tiny_model, tmp_path):
    assert extract(posts, "-o", tmp_path / "out.jsonl", "-m", tiny_model) == 0
    found = lines(tmp_path / "out.jsonl")
    assert [line["id"] for line in found] == [f"post-{n}" for n in range(8)]
    head = found[0]["quintuples"][0]["head"]
    assert (head["text"], head["start"], head["end"], head["type"]) == (
        "Stephen Curry",
        0,
        13,
        "per",
    )


def test_extracted_posts_score_as_the_model_does(posts, tiny_model, tmp_path, capsys):
    extract(posts, "-o", tmp_path / "out.jsonl", "-m", tiny_model)
    capsys.readouterr()
    assert main(["score", str(posts), str(tmp_path / "out.jsonl"), "--json"]) == 0
    scored = json.loads(capsys.readouterr().out)
    assert main(["evaluate", str(tiny_model), str(posts), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == scored
    assert scored["jmere"]["f1"] == 1


@pytest.mark.parametrize("visual", ["none", "shuffled"])
def test_a_model_is_evaluated_without_its_own_pictures(posts, tiny_model, visual, capsys):
    assert main(["evaluate", str(tiny_model), str(posts), "--visual", visual, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["posts"] == 8


def test_a_run_goes_on_where_it_was_cut(posts, tiny_model, tmp_path):
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    extract(posts, "-o", whole, "-m", tiny_model, "--batch-size", 1)
    text = whole.read_text(encoding="utf-8")
    cut.write_text(text[: text.index('"post-4"') + 30], encoding="utf-8")
    assert extract(posts, "-o", cut, "-m", tiny_model, "--resume", "--batch-size", 1) == 0
    assert cut.read_text(encoding="utf-8") == text


def test_another_files_output_is_not_gone_on_with(posts, tiny_model, tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    out.write_text('{"id": "stranger"}\n', encoding="utf-8")
    assert extract(posts, "-o", out, "-m", tiny_model, "--resume") == 2
    assert "post 1 is 'post-0', the output has 'stranger' there" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == '{"id": "stranger"}\n'


def test_a_bad_line_is_told_and_left_out(posts, tiny_model, tmp_path, capsys):
    good = posts.read_text(encoding="utf-8").splitlines()
    posts.write_text("\n".join([good[0], "{oops", good[1]]), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    assert extract(posts, "-o", out, "-m", tiny_model) == 0
    assert [line["id"] for line in lines(out)] == ["post-0", "post-1"]
    error = capsys.readouterr().err
    assert f"{posts}:2: not JSON" in error
    assert "2 posts, 1 bad lines skipped" in error
    assert extract(posts, "-o", out, "-m", tiny_model, "--strict") == 2


def test_a_picture_outside_its_folder_is_a_bad_post(tiny_model, tmp_path, capsys):
    path = tmp_path / "posts.jsonl"
    path.write_text('{"id": "a", "text": "x", "image": "../../etc/passwd"}\n', encoding="utf-8")
    assert extract(path, "-m", tiny_model, "--images", tmp_path, "--strict") == 2
    assert "leads out of the folder" in capsys.readouterr().err


def test_one_post_is_a_table(tiny_model, capsys):
    text = sample_posts()[0].text
    assert extract("--text", text, "-m", tiny_model) == 0
    table = capsys.readouterr().out
    assert "member_of" in table
    assert "Golden State Warriors" in table
    assert extract("--text", text, "-m", tiny_model, "--json") == 0
    assert json.loads(capsys.readouterr().out)["quintuples"][0]["relation"] == "member_of"


def save_photo(folder, name="photo.png"):
    pixels = np.random.default_rng(0).integers(0, 256, (48, 60, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / name)
    return folder / name


def test_a_picture_that_cannot_be_looked_at_is_said_to_be_unread(tiny_model, tmp_path, capsys):
    text = sample_posts()[0].text
    call = ("--text", text, "-m", tiny_model, "--image", save_photo(tmp_path))
    assert extract(*call) == 0
    out, error = capsys.readouterr()
    assert "picture not looked at: weights 'yolox-nano' are not here" in error
    assert error.count("\n") == 1
    assert "member_of" in out


def test_pixels_give_the_graph_that_the_post_is_read_with(
    tiny_model, tiny_detector, tmp_path, capsys
):
    photo, overlay = save_photo(tmp_path), tmp_path / "overlay.png"
    call = ("--text", sample_posts()[0].text, "-m", tiny_model, "--weights", tiny_detector)
    assert extract(*call, "--image", photo, "--overlay", overlay, "--json") == 0
    out, error = capsys.readouterr()
    assert error == ""
    found = json.loads(out)
    boxes = [thing["box"] for thing in found["scene_graph"]["objects"]]
    assert all(len(box) == 4 for box in boxes)
    assert found["groundings"]
    for grounding in found["groundings"]:
        assert 0 <= grounding["object"] < len(boxes)
        assert 0 <= grounding["entity"] < len(found["entities"])
    with Image.open(overlay) as drawn:
        assert drawn.width >= 60


def test_pictures_of_a_file_are_read_from_the_folder_named(
    posts, tiny_model, tiny_detector, tmp_path, capsys
):
    folder = tmp_path / "pictures"
    folder.mkdir()
    save_photo(folder, "good.png")
    (folder / "bad.png").write_bytes(b"no picture")
    names = ["good.png", None, "bad.png", None, "absent.png", None, None, None]
    illustrated = [
        replace(post, image=name) for post, name in zip(sample_posts(), names, strict=True)
    ]
    write_posts(posts, illustrated)
    call = (posts, "-m", tiny_model, "--weights", tiny_detector, "--json")

    assert extract(*call, "--images", folder) == 0
    out, error = capsys.readouterr()
    found = [json.loads(line) for line in out.splitlines()]
    assert [len(line.get("warnings", [])) for line in found] == [0, 0, 1, 0, 1, 0, 0, 0]
    assert "scene_graph" in found[0]
    assert "bad.png: is no picture" in found[2]["warnings"][0]
    assert "8 posts, 2 with warnings, the first: post 'post-2'" in error
    assert all(line["quintuples"] for line in found)

    assert extract(*call) == 0
    out, error = capsys.readouterr()
    assert "3 pictures not looked at: give --images" in error
    assert not any("warnings" in json.loads(line) for line in out.splitlines())


def test_what_is_less_sure_is_left_out(tiny_model, capsys):
    assert extract("--text", sample_posts()[0].text, "-m", tiny_model, "--min-score", 1.1) == 0
    assert capsys.readouterr().out == "no quintuple found\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give either a file of posts or --text"),
        (["nowhere.jsonl"], "nowhere.jsonl: No such file or directory"),
        (["--text", "x", "-m", "nowhere"], "nowhere: no such model folder"),
        (["--text", "x", "--image", "nowhere.jpg"], "nowhere.jpg: no such picture"),
        (["--text", "x", "--overlay", "o.png"], "--overlay needs --image"),
        (["--text", "x", "--features", "f.npz"], "--features needs --scenes"),
        (["--text", "x", "--scenes", "nowhere"], "nowhere: no such file or folder of scene graphs"),
        (["--text", "x", "--resume"], "--resume needs --output"),
    ],
)
def test_a_wrong_call_is_one_line(arguments, message, capsys):
    assert extract(*arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_precision_is_a_least_score_of_the_models_own(posts, tiny_model, tmp_path, capsys):
    model = shutil.copytree(tiny_model, tmp_path / "model")
    assert extract(posts, "-m", model, "--precision", 0.9) == 2
    assert "the model has no calibration; training.calibrate fits one" in capsys.readouterr().err

    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    config["calibration"] = {
        "temperature": 1.0,
        "shift": 0.0,
        "curve": [[0.0, 0.5], [0.99999, 0.9]],
    }
    (model / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert extract(posts, "-m", model, "--precision", 0.5, "-o", tmp_path / "all.jsonl") == 0
    assert extract(posts, "-m", model, "--precision", 0.9, "-o", tmp_path / "sure.jsonl") == 0
    count = [
        sum(len(line["quintuples"]) for line in lines(tmp_path / name))
        for name in ("all.jsonl", "sure.jsonl")
    ]
    assert count[0] == 8
    assert count[1] < 8


def test_precision_by_score_is_told(posts, tiny_model, capsys):
    assert main(["evaluate", str(tiny_model), str(posts), "--reliability"]) == 0
    assert "expected calibration error 0." in capsys.readouterr().out
    main(["evaluate", str(tiny_model), str(posts), "--reliability", "--json"])
    told = json.loads(capsys.readouterr().out)["reliability"]
    assert sum(each["count"] for each in told["bins"]) == 8
