"""Label Studio's own SDK accepts what is written, and reads the same."""

import json

import pytest

from jmere import Entity, Extraction, Post, Quintuple
from jmere.data.annotation import write_labelstudio

interface = pytest.importorskip(
    "label_studio_sdk.label_interface",
    reason="needs label-studio-sdk, which pins an older NumPy",
    exc_type=ImportError,
)

TEXT = "\N{GRINNING FACE} Ann and Bob"
ANN, BOB = Entity("Ann", "per", 2, 5), Entity("Bob", "per", 10, 13)
FOUND = Quintuple(ANN, BOB, "/per/per/peer", 0.75)


@pytest.fixture
def written(tmp_path):
    records = [
        Post(TEXT, id="a", image="a.jpg", quintuples=[FOUND]),
        Extraction("b", TEXT, (FOUND,), (ANN, BOB), image="b.jpg"),
    ]
    path = tmp_path / "tasks.json"
    write_labelstudio(path, records, image_prefix="/data/local-files/?d=")
    config = path.with_suffix(".xml").read_text(encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8")), config, path


def test_the_configuration_is_valid(written):
    found = interface.LabelInterface(written[1])
    found.validate()
    assert found.find_tags_by_class(interface.object_tags.TextTag)


def test_annotations_and_predictions_are_valid(written):
    tasks, config, _ = written
    found = interface.LabelInterface(config)
    assert found.validate_prediction(tasks[0]["annotations"][0], return_errors=True) == []
    assert found.validate_prediction(tasks[1]["predictions"][0], return_errors=True) == []
    assert tasks[1]["predictions"][0]["score"] == 0.75
    assert all(found.validate_task({"data": task["data"]}) for task in tasks)
    wrong = {"result": [{**tasks[0]["annotations"][0]["result"][0], "from_name": "other"}]}
    assert found.validate_prediction(wrong, return_errors=True) != []


def test_its_converter_finds_the_words(written, tmp_path):
    from label_studio_sdk.converter import Converter

    tasks, config, path = written
    path.write_text(json.dumps([{"id": 1, **tasks[0]}]), encoding="utf-8")
    converter = Converter(config, str(tmp_path), download_resources=False)
    converter.convert_to_json_min(str(path), str(tmp_path / "out"), is_dir=False)
    (record,) = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert [TEXT[each["start"] : each["end"]] for each in record["label"]] == ["Ann", "Bob"]
