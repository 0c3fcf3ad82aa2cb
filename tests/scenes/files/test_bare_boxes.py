"""Files of detected boxes without labels."""

import json

import pytest

from jmere.errors import DataError
from jmere.inputs.batcher import _geometry
from jmere.inputs.context import context_text
from jmere.records import Post, SceneGraph, SceneObject
from jmere.scenes import SceneSources
from jmere.scenes.files.scene_files import read_scenes
from jmere.scenes.sources import FromCaption, FromFiles

BOXES = {"twitter_1": [[0.25, 0, 0.5, 1], [0.0288, 0.1083, 1, 0.935]], "inf": []}


@pytest.fixture
def scenes(tmp_path):
    path = tmp_path / "boxes.json"
    path.write_text(json.dumps(BOXES), encoding="utf-8")
    return read_scenes(path)


def test_boxes_are_found_by_the_name_without_suffix(scenes):
    posts = [Post("x", image=name) for name in ("a/twitter_1.jpg", "inf.png", "other.jpg")]
    found = SceneSources([FromFiles(scenes)]).scenes(posts)
    assert [len(each.objects) for each in found] == [2, 0, 0]


def test_a_model_sees_the_shares_of_the_file(scenes):
    values, mask = _geometry([scenes["twitter_1"]])
    assert mask.all()
    assert values[0, :, :4].tolist() == [
        pytest.approx([0.25, 0, 0.5, 1]),
        pytest.approx([0.0288, 0.1083, 1, 0.935], abs=1e-6),
    ]


class _Captions:
    adds = True

    def find(self, posts):
        graph = SceneGraph((SceneObject("man"), SceneObject("cup")), caption="a man with a cup")
        return [graph for _ in posts]


def test_boxes_are_joined_with_what_a_description_names(scenes):
    (found,) = SceneSources([FromFiles(scenes), _Captions()]).scenes(
        [Post("x", image="twitter_1.jpg")]
    )
    assert [each.label for each in found.objects] == ["object", "object", "man", "cup"]
    assert found.size == (10_000, 10_000)
    assert context_text(found, "objects") == "man, cup"
    named = {"twitter_1.jpg": SceneGraph((SceneObject("dog"),))}
    (alone,) = SceneSources([FromFiles(named), _Captions()]).scenes(
        [Post("x", image="twitter_1.jpg")]
    )
    assert [each.label for each in alone.objects] == ["dog"]


def test_captions_still_join_without_boxes():
    assert not FromFiles({}).adds
    assert FromCaption.adds


@pytest.mark.parametrize(
    "box", [[0, 0, 1], [0, 0, 1, 1.5], [0.5, 0, 0.25, 1], [0, 0, 1, "1"], 3, [0, 0, 1, None]]
)
def test_another_box_is_refused_with_its_image(tmp_path, box):
    path = tmp_path / "boxes.json"
    path.write_text(json.dumps({"a": [[0, 0, 1, 1], box]}), encoding="utf-8")
    with pytest.raises(DataError, match=r"boxes\.json: image 'a': box 1: expected") as caught:
        read_scenes(path)
    assert "\n" not in str(caught.value)
