import json
from pathlib import Path

import pytest

from jmere import Post, SceneGraph, SceneObject, VisualConfig
from jmere.config import parse_config
from jmere.text.parser import Parser
from jmere.vision.pixels import PixelScenes

POST = Post("t", image="a.jpg", alt_text="a man on a horse")


def labels(config: VisualConfig, **given) -> list[str]:
    sources = config.sources(Parser.load(), objects=10, **given)
    return [each.label for each in sources.scenes([POST])[0].objects]


def test_paths_are_kept_as_text():
    config = VisualConfig(scenes=Path("a.json"), features=Path("b.npz"), images=Path("c"))
    assert config == VisualConfig(scenes="a.json", features="b.npz", images="c")


def test_the_config_decides_what_is_found():
    graphs = {"a.jpg": SceneGraph((SceneObject("cat"), SceneObject("dog")))}
    assert labels(VisualConfig()) == ["man", "horse"]
    assert labels(VisualConfig(objects=1)) == ["man"]
    assert labels(VisualConfig(), graphs=graphs) == ["cat", "dog"]
    assert labels(VisualConfig(shown="none"), graphs=graphs) == []


def test_scene_files_are_read_with_their_number_of_objects(tmp_path):
    entry = {"bbox_labels": ["man", "car"], "rel_labels": []}
    (tmp_path / "scenes.json").write_text(json.dumps({"a.jpg": entry}), encoding="utf-8")
    config = VisualConfig(scenes=tmp_path / "scenes.json")
    assert labels(config, graphs=config.graphs()) == ["man", "car"]
    assert VisualConfig().graphs() is None


def test_pictures_of_posts_in_files_are_read_in_a_named_folder_only():
    assert VisualConfig(detector=None).pixels() is None
    assert VisualConfig().within_folder().pixels() is None
    inside = VisualConfig(images="photos", detector="detr", weights="x").within_folder().pixels()
    assert isinstance(inside, PixelScenes)
    assert (inside.folder, inside.config.detector, inside.config.weights) == (
        "photos",
        "detr",
        "x",
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"features": "a.npz"}, "visual.features requires visual.scenes"),
        ({"objects": -1}, "visual.objects must not be negative, got -1"),
    ],
)
def test_values_that_do_not_fit_are_refused(values, expected):
    with pytest.raises(ValueError, match="visual") as error:
        VisualConfig(**values)
    assert str(error.value) == expected


def test_an_unknown_control_is_refused():
    config = VisualConfig()
    object.__setattr__(config, "shown", "reel")  # the type checks of the tests refuse it, too
    with pytest.raises(ValueError, match=r"^visual\.shown: unknown value 'reel'; did you mean 'r"):
        config.__post_init__()


def test_a_run_file_names_the_key_that_is_wrong():
    with pytest.raises(ValueError, match=r"unknown key 'visual\.scene'; did you mean 'scenes'"):
        parse_config(VisualConfig, {"scene": "a"}, "visual")
    assert parse_config(VisualConfig, {"detector": None}, "visual").pixels() is None


def test_words_and_captions_are_read_in_a_named_folder_only():
    config = VisualConfig(ocr=True, captioner="someone/captioner")
    inside = config.within_folder()
    assert (inside.ocr, inside.captioner) == (False, None)
    assert (inside.words(), inside.captions()) == (None, None)
    assert VisualConfig(ocr=True, captioner="x", images="photos").within_folder().ocr
    assert parse_config(VisualConfig, {"ocr": True}, "visual") == VisualConfig(ocr=True)
