import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from jmere import Extraction, Extractor, Post
from jmere.cli import main
from jmere.data.jsonl import write_posts
from jmere.data.plain_predictions import plain_prediction
from jmere.inputs.prepare import windows_of
from jmere.records import Entity
from jmere.tagger.tagger import Tagger
from jmere.terminal import json_line
from jmere.training.names.name_options import NameTraining
from jmere.training.names.score_names import score_names
from jmere.training.names.train_names import train_head, write_named_model

OPTIONS = NameTraining(layers=(1, 2), width=16, epochs=60, batch=8, rate=1e-2, dropout=0.0)
PEOPLE, PLACES = ("Ann", "Bob", "Carl", "Dora"), ("Rome", "Bonn", "London", "Paris")


def annotated(person, place):
    text = f"{person} sleeps in {place} ."
    start = text.index(place)
    names = (Entity(person, "per", 0, len(person)), Entity(place, "loc", start, start + len(place)))
    return Post(text=text, entities=names, id=f"{person}-{place}")


POSTS = [annotated(person, place) for person in PEOPLE for place in PLACES]
TEXT = POSTS[0].text


@pytest.fixture(scope="module")
def folder(tiny_model, tmp_path_factory):
    """The tiny model with a head that knows the names of these posts."""
    head, config = train_head(tiny_model, POSTS, OPTIONS)
    target = tmp_path_factory.mktemp("names")
    write_named_model(tiny_model, target, head, config)
    return target


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "copy")


def told(copy, **change):
    path = copy / "names.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}), encoding="utf-8")


@pytest.mark.parametrize("backend", ["torch", "onnx"])
def test_the_head_learns_names(folder, backend):
    tagger = Tagger.from_pretrained(folder, backend=backend)
    assert score_names(tagger, POSTS).f1 == 1.0


def test_both_engines_agree(folder):
    scores = []
    for backend in ("torch", "onnx"):
        tagger = Tagger.from_pretrained(folder, backend=backend)
        batch = tagger.batch(windows_of(tagger.prepare(POSTS[:3])))
        scored = tagger.scorer(batch, names=True)
        assert tagger.scorer(batch).names is None
        scores.append(scored.names[batch.word_mask])
    np.testing.assert_allclose(*scores, atol=1e-4)


def test_results_have_names_where_they_are_asked_for(folder):
    found = Extractor.from_pretrained(folder, names=0.0).extract(TEXT)
    assert [(name.text, name.type) for name in found.names] == [("Ann", "per"), ("Rome", "loc")]
    assert all(0 < name.score <= 1 for name in found.names)
    assert Extractor.from_pretrained(folder).extract(TEXT).names == ()
    assert Extractor.from_pretrained(folder, names=1.0).extract(TEXT).names == ()


def test_names_are_read_back(folder):
    found = Extractor.from_pretrained(folder, names=0.0).extract(Post(text=TEXT, id="1"))
    value = found.to_dict()
    again = Extraction.from_dict(value)
    assert again == found
    assert [name.score for name in again.names] == [name.score for name in found.names]
    plain = plain_prediction(json_line(value))
    assert [name.text for name in plain.names] == ["Ann", "Rome"]


@pytest.mark.parametrize("score", [-0.5, 1.5, "much"])
def test_a_faulty_score_is_told(score):
    name = {"text": "Ann", "start": 0, "end": 3, "type": "per", "score": score}
    value = {"schema_version": 1, "id": "1", "text": "Ann", "quintuples": [], "names": [name]}
    with pytest.raises(ValueError, match=r"names\[0\]: score: expected"):
        Extraction.from_dict(value)
    assert plain_prediction(json_line(value)) is None


def test_sure_names_become_entities(folder):
    extractor = Extractor.from_pretrained(folder)
    options = replace(extractor.tagger.decoder.options, names_without_facts=0.0)
    before = extractor.extract(TEXT)
    extractor.tagger.decoder = replace(extractor.tagger.decoder, options=options)
    after = extractor.extract(TEXT)
    assert (before.quintuples, after.quintuples) == ((), ())
    assert {entity.text for entity in before.entities} < {"Ann", "Rome"}
    assert [entity.text for entity in after.entities] == ["Ann", "Rome"]


def test_names_of_a_post_in_windows_are_those_of_its_parts(folder):
    tagger = Tagger.from_pretrained(folder, backend="torch")
    options = replace(tagger.decoder.options, window=6, window_step=3, window_beyond=6)
    tagger.decoder = replace(tagger.decoder, options=options)
    text = " ".join(post.text for post in POSTS[:4])
    found = Extractor(tagger, names=0.0).extract(text)
    assert [name.text for name in found.names] == [
        name for place in PLACES for name in ("Ann", place)
    ]


def test_a_post_has_the_same_names_alone_and_beside_others(folder):
    extractor = Extractor.from_pretrained(folder, names=0.0)
    together = extractor([post.text for post in POSTS])
    assert [found.names for found in together] == [
        extractor.extract(post.text).names for post in POSTS
    ]


def test_a_model_without_a_head_says_so(tiny_model):
    with pytest.raises(ValueError, match="no head for names; jmere build names trains one"):
        Extractor.from_pretrained(tiny_model, names=0.5)


@pytest.mark.parametrize("names", [-1.0, 2.0])
def test_the_least_score_is_a_share(folder, names):
    with pytest.raises(ValueError, match="names: expected a score from 0 to 1"):
        Extractor.from_pretrained(folder, names=names)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"types": ["per", "event"]}, "'event' is not in tags.json"),
        ({"types": ["per", "per"]}, "a type occurs twice"),
        ({"types": []}, "expected 1 to"),
        ({"layers": []}, "expected 1 to"),
        ({"layers": [9]}, "there is no layer 9"),
        ({"width": 0}, "names.width must be at least 1"),
        ({"width": 4000}, "names.safetensors: does not fit names.json"),
        ({"types": ["per"]}, "does not fit names.json; expected names.emit.weight of 3 x 16"),
        ({"schema_version": 9}, "9"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_damaged_config_is_told(copy, change, message):
    told(copy, **change)
    for backend in ("torch", "onnx"):
        if backend == "onnx" and "layers" in change and change["layers"]:
            continue  # a graph has its layers
        with pytest.raises(ValueError, match=message):
            Tagger.from_pretrained(copy, backend=backend)


def test_missing_weights_are_told(copy):
    (copy / "names.safetensors").unlink()
    for backend in ("torch", "onnx"):
        with pytest.raises(FileNotFoundError, match=r"no names.safetensors"):
            Tagger.from_pretrained(copy, backend=backend)


def test_a_graph_without_the_head_is_refused(copy, tiny_model):
    shutil.copyfile(tiny_model / "model.onnx", copy / "model.onnx")
    with pytest.raises(ValueError, match=r"other weights than names.safetensors"):
        Tagger.from_pretrained(copy, backend="onnx")


def test_a_graph_that_needs_the_head_is_refused_without(copy):
    for name in ("names.json", "names.safetensors"):
        (copy / name).unlink()
    with pytest.raises(ValueError, match=r"model.onnx: .*names.safetensors"):
        Tagger.from_pretrained(copy, backend="onnx")


def test_an_exported_copy_keeps_the_head_and_the_notice(copy, tmp_path):
    (copy / "NOTICE").write_text("whose", encoding="utf-8")
    assert main(["export", "onnx", str(copy), "-o", str(tmp_path / "out"), "--int8"]) == 0
    assert (tmp_path / "out" / "NOTICE").read_text(encoding="utf-8") == "whose"
    assert score_names(Tagger.from_pretrained(tmp_path / "out", backend="onnx"), POSTS).f1 > 0.9


def test_the_command_trains_and_scores(tiny_model, tmp_path, capsys):
    write_posts(tmp_path / "posts.jsonl", POSTS)
    model = shutil.copytree(tiny_model, tmp_path / "model")
    (model / "LICENSE").write_text("what may be done", encoding="utf-8")
    command = ["build", "names", str(tmp_path / "out"), "--model", str(model), "--int8"]
    command += ["--train", str(tmp_path / "posts.jsonl"), "--test", str(tmp_path / "posts.jsonl")]
    for option in ("layers=[1,2]", "width=16", "epochs=60", "batch=8", "rate=0.01", "dropout=0"):
        command += ["--set", option]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["posts"] == len(POSTS)
    assert told["test"][str(tmp_path / "posts.jsonl")]["f1"] > 90
    assert (tmp_path / "out" / "LICENSE").read_text(encoding="utf-8") == "what may be done"
    command = ["extract", "--text", TEXT, "-m", str(tmp_path / "out"), "--names", "0.1", "--json"]
    assert main(command) == 0
    assert [each["text"] for each in json.loads(capsys.readouterr().out)["names"]] == [
        "Ann",
        "Rome",
    ]


def test_posts_without_a_known_type_are_refused(tiny_model, tmp_path, capsys):
    entity = Entity("Ann", "event", 0, 3)
    write_posts(tmp_path / "posts.jsonl", [Post(text="Ann", id="1", entities=(entity,))])
    command = ["build", "names", str(tmp_path / "out"), "--model", str(tiny_model)]
    assert main([*command, "--train", str(tmp_path / "posts.jsonl")]) == 2
    assert "no entity of a type of the model" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_has_no_names(tmp_path, ending, capsys):
    write_posts(tmp_path / "posts.jsonl", [Post(text="Ann", id="1")])
    command = ["extract", str(tmp_path / "posts.jsonl"), "-o", str(tmp_path / f"out.{ending}")]
    assert main([*command, "--names", "0.5"]) == 2
    assert "--names is for JSON" in capsys.readouterr().err
