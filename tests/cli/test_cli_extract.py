import json
import os
import shutil
import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from builders import sample_posts
from jmere.cli import main
from jmere.data.jsonl import write_posts
from jmere.files.resumable import ResumableLines


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


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def stopped(posts, tiny_model, tmp_path, monkeypatch, capsys):
    """The output of a run that was interrupted, and the bytes of one that was not."""
    write_posts(
        posts, [replace(each, id=f"{n}-{each.id}") for n in (0, 1) for each in sample_posts()]
    )
    whole, out = tmp_path / "whole.jsonl", tmp_path / "cut" / "out.jsonl"
    assert run(posts, whole, tiny_model) == 0

    class Interrupted(ResumableLines):
        def write(self, line):
            super().write(line)
            if self.count == 13:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("jmere.cli.extract_file.ResumableLines", Interrupted)
        assert run(posts, out, tiny_model) == 130
    error = capsys.readouterr().err
    assert f"interrupted, 13 posts in {out}.part; the same command with --resume continues" in error
    return out, whole.read_bytes()


def run(posts, out, model, *more):
    """Extract a chunk of eight posts at a time."""
    return extract(posts, "-o", out, "-m", model, "--batch-size", 1, *more)


def test_a_run_that_was_cut_after_any_line_is_continued_to_the_same_bytes(
    stopped, posts, tiny_model, capsys
):
    out, whole = stopped
    state = out.with_name("out.jsonl.state.json")
    known = state.read_bytes()
    for cut in range(1, 16):
        state.write_bytes(known)
        part = b"".join(whole.splitlines(keepends=True)[:cut]) + b'{"id": "half of a li'
        out.with_name("out.jsonl.part").write_bytes(part)
        assert run(posts, out, tiny_model, "--resume") == 0
        assert out.read_bytes() == whole
        assert names(out.parent) == ["out.jsonl"]
        out.unlink()
        error = capsys.readouterr().err
        assert ("16 posts, 8 of them kept" in error) == (cut >= 8)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--min-score", 0.5], "options.min_score was 0.0, is 0.5"),
        (["--batch-size", 2], "chunk was 8, is 16; options.batch_size was 1, is 2"),
    ],
)
def test_what_another_command_left_is_not_continued(
    stopped, posts, tiny_model, capsys, more, message
):
    out, _ = stopped
    before = {path: path.read_bytes() for path in out.parent.iterdir()}
    assert run(posts, out, tiny_model, "--resume", *more) == 2
    assert message in capsys.readouterr().err
    assert {path: path.read_bytes() for path in out.parent.iterdir()} == before


def test_another_model_or_other_posts_are_not_gone_on_with(
    stopped, posts, tiny_model, tmp_path, capsys
):
    out, _ = stopped
    before = {path: path.read_bytes() for path in out.parent.iterdir()}
    model = shutil.copytree(tiny_model, tmp_path / "model")
    assert run(posts, out.parent / "new.jsonl", model) == 0  # a copy is the same model
    (out.parent / "new.jsonl").unlink()
    config = (model / "config.json").read_text(encoding="utf-8")
    (model / "config.json").write_text(f"{config}\n", encoding="utf-8")
    given = posts.read_text(encoding="utf-8")
    capsys.readouterr()
    assert run(posts, out, model, "--resume") == 2
    assert "belongs to another run: model was '" in capsys.readouterr().err
    posts.write_text(given.replace("0-post-0", "0-post-x"), encoding="utf-8")
    assert run(posts, out, tiny_model, "--resume") == 2
    assert "belongs to another run: input.start was '" in capsys.readouterr().err
    posts.write_text("".join(given.splitlines(keepends=True)[:7]), encoding="utf-8")
    assert run(posts, out, tiny_model, "--resume") == 2
    assert {path: path.read_bytes() for path in out.parent.iterdir()} == before


def test_results_of_other_posts_are_not_kept(stopped, posts, tiny_model, capsys):
    out, _ = stopped
    part = out.with_name("out.jsonl.part")
    part.write_bytes(part.read_bytes().replace(b"0-post-5", b"stranger"))
    before = part.read_bytes()
    assert run(posts, out, tiny_model, "--resume") == 2
    assert "post 6 is '0-post-5', but" in capsys.readouterr().err
    assert part.read_bytes() == before


def test_a_complete_output_is_said_to_be_complete(posts, tiny_model, tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    for _ in range(2):  # the first time there is nothing to continue
        assert run(posts, out, tiny_model, "--resume") == 0
    assert "is already complete (8 posts); nothing to resume" in capsys.readouterr().err
    lines = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join(lines[:5]))
    assert run(posts, out, tiny_model, "--resume") == 2
    assert "ends before post 6, 'post-5', and there is no out.jsonl.part" in capsys.readouterr().err
    out.write_text('{"id": "stranger"}\n', encoding="utf-8")
    assert run(posts, out, tiny_model, "--resume") == 2
    assert "has 'stranger' there" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == '{"id": "stranger"}\n'


def test_other_files_than_json_lines_are_not_resumed(posts, tiny_model, tmp_path, capsys):
    for output in (tmp_path / "out.csv", "/dev/null"):
        assert run(posts, output, tiny_model, "--resume") == 2
        error = capsys.readouterr().err
        assert "--resume supports only *.jsonl files" in error


@pytest.mark.parametrize("spelling", ["posts.jsonl", "../{0}/posts.jsonl", "link", "hard"])
def test_posts_are_not_written_over(posts, tmp_path, spelling, capsys):
    (tmp_path / "link").symlink_to(posts)
    (tmp_path / "hard").hardlink_to(posts)
    before = posts.read_bytes()
    assert extract(posts, "-o", tmp_path / spelling.format(tmp_path.name)) == 2
    error = capsys.readouterr().err
    assert "would overwrite the input" in error
    assert error.count("\n") == 1
    assert posts.read_bytes() == before


def test_a_models_files_are_not_written_over(posts, tiny_model, tmp_path, capsys):
    model = shutil.copytree(tiny_model, tmp_path / "model")
    before = (model / "tags.json").read_bytes()
    assert extract(posts, "-m", model, "-o", model / "tags.json") == 2
    assert "would overwrite the input" in capsys.readouterr().err
    assert (model / "tags.json").read_bytes() == before


def test_an_output_survives_what_goes_wrong_before_the_first_result(posts, tiny_model, tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text("old\n", encoding="utf-8")
    posts.write_text('{"oops\n' + posts.read_text(encoding="utf-8"), encoding="utf-8")
    for more in (["--strict"], ["--batch-size", 0], ["--device", "no"], ["--min-score", "nan"]):
        assert extract(posts, "-m", tiny_model, "-o", out, *more) == 2
        assert out.read_text(encoding="utf-8") == "old\n"
    posts.write_text('{"oops\n', encoding="utf-8")
    assert extract(posts, "-m", tiny_model, "-o", out) == 1
    assert out.read_text(encoding="utf-8") == "old\n"
    assert names(tmp_path) == ["out.jsonl", "posts.jsonl"]


@pytest.mark.parametrize("content", ["", "\n\n", '{"oops\n[1]\n'])
def test_a_run_that_reads_nothing_does_not_report_success(
    posts, tiny_model, tmp_path, content, capsys
):
    posts.write_text(content, encoding="utf-8")
    assert extract(posts, "-m", tiny_model, "-o", tmp_path / "out.jsonl") == 1
    assert f"{posts}: no post could be read" in capsys.readouterr().err
    assert names(tmp_path) == ["posts.jsonl"]


def test_posts_come_from_a_pipe(posts, tiny_model, tmp_path):
    given, pipe = posts.read_bytes(), tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(given))
    writer.start()
    assert extract(pipe, "-m", tiny_model, "-o", tmp_path / "out.jsonl") == 0
    writer.join()
    assert len(lines(tmp_path / "out.jsonl")) == 8


def test_results_go_to_a_pipe_or_a_device(posts, tiny_model, tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    assert extract(posts, "-m", tiny_model, "-o", pipe) == 0
    reader.join()
    assert read[0].count("\n") == 8
    assert pipe.is_fifo()
    assert extract(posts, "-m", tiny_model, "-o", "/dev/null") == 0
    assert names(tmp_path) == ["pipe", "posts.jsonl"]


def test_pictures_whose_graph_is_given_are_not_said_to_be_unread(tiny_model, tmp_path, capsys):
    given = [
        {"id": "a", "text": "x", "image": "a.jpg"},
        {"id": "b", "text": "x", "image": "b.jpg", "scene_graph": {"objects": []}},
        {"id": "c", "text": "x", "image": "c.jpg"},
    ]
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(map(json.dumps, given)), encoding="utf-8")
    (tmp_path / "custom_data_info.json").write_text(
        json.dumps({"idx_to_files": ["a.jpg"], "ind_to_classes": ["man"], "ind_to_predicates": []}),
        encoding="utf-8",
    )
    nothing = {"bbox": [], "bbox_labels": [], "bbox_scores": [], "rel_pairs": [], "rel_labels": [],
               "rel_scores": [], "rel_all_scores": []}  # fmt: skip
    (tmp_path / "custom_prediction.json").write_text(json.dumps({"0": nothing}), encoding="utf-8")
    assert extract(path, "-m", tiny_model, "--scenes", tmp_path) == 0
    assert "3 posts, 1 images not analysed" in capsys.readouterr().err


def test_bytes_that_are_no_text_are_replaced_with_a_warning(tiny_model, capsys):
    text = f"{sample_posts()[0].text} \udcff"
    assert extract("--text", text, "-m", tiny_model, "--json") == 0
    out, error = capsys.readouterr()
    assert json.loads(out)["text"].endswith("Warriors \ufffd")
    assert "1 bytes of the text given are not UTF-8; each is read as U+FFFD" in error


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


def test_a_post_whose_picture_lies_outside_goes_on_as_text(
    tiny_model, tiny_detector, tmp_path, capsys
):
    path = tmp_path / "posts.jsonl"
    path.write_text('{"id": "a", "text": "x", "image": "../../etc/passwd"}\n', encoding="utf-8")
    call = ("-m", tiny_model, "--weights", tiny_detector, "--images", tmp_path, "--json")
    assert extract(path, *call, "--strict") == 0
    assert "is outside" in json.loads(capsys.readouterr().out)["warnings"][0]


def save_lines(path, *values):
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


def test_the_dialects_of_other_programs_are_read(tiny_model, tmp_path):
    path, out = tmp_path / "posts.jsonl", tmp_path / "out.jsonl"
    text = sample_posts()[0].text
    save_lines(
        path,
        {"id": 7, "text": text, "lang": "en", "created_at": "2020-01-01"},
        {"id": "b", "text": f"{text} \ud83d", "entities": "none", "image": 3, "scene_graph": {}},
        {"id": "c", "tokens": [*text.split(), "\u00a0", ""]},
    )
    assert extract(path, "-o", out, "-m", tiny_model) == 0
    found = lines(out)
    assert [line["id"] for line in found] == ["7", "b", "c"]
    assert all(line["schema_version"] == 1 and line["quintuples"] for line in found)
    assert [len(line.get("warnings", [])) for line in found] == [0, 3, 1]
    assert main(["graph", "build", str(out), "-o", str(tmp_path / "graph.ttl")]) == 0


def test_a_picture_outside_its_folder_leaves_its_post_to_the_text(tiny_model, tmp_path, capsys):
    (tmp_path / "pictures").mkdir()
    text = sample_posts()[0].text
    names = ["/etc/passwd", "../a.jpg", "gone.jpg"]
    posts = [{"id": name, "text": text, "image": name} for name in names]
    path = save_lines(tmp_path / "posts.jsonl", *posts)
    call = (path, "-m", tiny_model, "--images", tmp_path / "pictures", "--json")
    assert extract(*call, "--weights", "nowhere.onnx") == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in found] == names
    assert all(line["quintuples"] for line in found)
    ends = ["is outside", "is outside", "no such file"]
    for line, end in zip(found, ends, strict=True):
        assert end in line["warnings"][0]


@pytest.mark.parametrize("content", ["", "\n\n", "{oops\n", '{"id": "a"}\n{"text": "b"}\n'])
def test_a_run_that_read_nothing_fails(tiny_model, tmp_path, content, capsys):
    path, out = tmp_path / "posts.jsonl", tmp_path / "out.jsonl"
    path.write_text(content, encoding="utf-8")
    assert extract(path, "-o", out, "-m", tiny_model) == 1
    assert f"jmere: {path}: no post could be read" in capsys.readouterr().err


def test_a_graph_that_is_given_and_empty_is_no_unseen_picture(tiny_model, tmp_path, capsys):
    post = {"id": "a", "text": "x", "image": "a.jpg"}
    path = save_lines(tmp_path / "posts.jsonl", {**post, "scene_graph": {"objects": []}}, post)
    assert extract(path, "-m", tiny_model) == 0
    assert "1 images not analysed: pass --images" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["evaluate", "score"])
def test_a_file_without_answers_is_no_gold(command, tiny_model, tmp_path, capsys):
    path = save_lines(tmp_path / "posts.jsonl", {"id": "a", "text": "x"})
    first = tiny_model if command == "evaluate" else path
    assert main([command, str(first), str(path)]) == 2
    error = f"jmere: {path}: none of its 1 posts has gold quintuples or entities\n"
    assert capsys.readouterr().err == error


def test_gold_of_labels_that_the_model_does_not_know_is_refused(tiny_model, tmp_path, capsys):
    entity = {"start": 0, "end": 1, "type": "human"}
    path = save_lines(tmp_path / "posts.jsonl", {"id": "a", "text": "x", "entities": [entity]})
    assert main(["evaluate", str(tiny_model), str(path)]) == 2
    error = capsys.readouterr().err
    assert f"{path}:1: entities[0]: type: unknown entity type 'human'" in error
    assert error.count("\n") == 1


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
    assert "picture not read: weights 'picodet-s' are not available" in error
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
    assert "bad.png: is not an image" in found[2]["warnings"][0]
    assert "8 posts, 2 with warnings, the first: post 'post-2'" in error
    assert all(line["quintuples"] for line in found)

    assert extract(*call) == 0
    out, error = capsys.readouterr()
    assert "3 images not analysed: pass --images" in error
    assert not any("warnings" in json.loads(line) for line in out.splitlines())


def test_what_is_less_sure_is_left_out(tiny_model, capsys):
    assert extract("--text", sample_posts()[0].text, "-m", tiny_model, "--min-score", 1) == 0
    assert capsys.readouterr().out == "no quintuple found\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give either a file of posts or --text"),
        (["nowhere.jsonl"], "nowhere.jsonl: No such file or directory"),
        (["--text", "x", "-m", "nowhere"], "nowhere: no such model folder"),
        (["--text", "x", "--image", "nowhere.jpg"], "nowhere.jpg: no such image"),
        (["--text", "x", "--overlay", "o.png"], "--overlay requires --image"),
        (["--text", "x", "--features", "f.npz"], "--features requires --scenes"),
        (["--text", "x", "--scenes", "nowhere"], "nowhere: no such file or folder of scene graphs"),
        (["--text", "x", "--resume"], "--resume requires --output"),
        (["--text", "x", "--min-score", "2"], "--min-score': expected a number from 0 to 1, got 2"),
        (["--text", "x", "--min-score", "nan"], "expected a number from 0 to 1, got nan"),
        (["--text", "x", "--precision", "-1"], "--precision': expected a number from 0 to 1"),
        (["--text", "x", "--batch-size", "0"], "Invalid value for '--batch-size'"),
        ([".", "-o", "x.jsonl"], ".: is a folder; expected a file"),
        (["--text", "x", "--image", __file__, "--overlay", __file__], "would overwrite the input"),
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
