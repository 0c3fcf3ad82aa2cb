import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from builders import sample_posts, tiny_run
from jmere.data.jsonl import write_posts
from jmere.tags import TagSet
from jmere.training.run import prepare_tagger, train
from jmere.training.run_config import RunConfig
from jmere.training.run_file import load_run

CONFIGS = Path(__file__).parents[2] / "configs" / "runs"


def test_a_model_learns_from_the_pixels_of_a_folder(tmp_path, tiny_detector):
    values = tiny_run(tmp_path, epochs=1)
    folder = tmp_path / "pictures"
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (48, 60, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "a.png")
    posts = [replace(post, image="a.png", alt_text=None) for post in sample_posts()]
    write_posts(values["data"]["train"][0], posts)
    values["visual"] = {"images": str(folder), "weights": str(tiny_detector)}
    config = RunConfig.parse(values)
    _, scenes = prepare_tagger(config, TagSet.load(), posts)
    assert all(scene.objects and scene.size == (60, 48) for scene in scenes)
    train(config)

    values["visual"]["weights"] = "nowhere.onnx"
    values["output"] = str(tmp_path / "other")
    with pytest.raises(FileNotFoundError, match=r"nowhere\.onnx: no such file"):
        train(RunConfig.parse(values))


def test_a_model_of_appearance_stops_where_no_post_has_any(tmp_path):
    values = tiny_run(tmp_path, epochs=1)
    values["graphs"] = {"appearance": 3}
    expected = r"graphs\.appearance is 3, but no training post has"
    with pytest.raises(ValueError, match=expected) as error:
        train(RunConfig.parse(values))
    assert "visual.scenes and visual.features" in str(error.value)
    assert "\n" not in str(error.value)


def test_graphs_of_other_pictures_are_no_pictures(tmp_path):
    values = tiny_run(tmp_path, epochs=1)
    posts = [replace(post, image="a.jpg", alt_text=None) for post in sample_posts()]
    write_posts(values["data"]["train"][0], posts)
    entry = {"bbox_labels": ["man"], "rel_labels": []}
    for name in ("b.jpg", "a.jpg"):
        scenes = tmp_path / f"{name}.json"
        scenes.write_text(json.dumps({name: entry}), encoding="utf-8")
        values["visual"] = {"scenes": str(scenes)}
        config = RunConfig.parse(values)
        if name == "a.jpg":
            _, found = prepare_tagger(config, TagSet.load(), posts)
            assert all(scene.objects for scene in found)
        else:
            with pytest.raises(ValueError, match=r"visual\.scenes: .* has no picture"):
                prepare_tagger(config, TagSet.load(), posts)


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_preset_names_the_files_that_its_model_looks_at(path):
    config = RunConfig.parse(load_run(path))
    if config.graphs.appearance:
        assert config.visual.scenes is not None
        assert config.visual.features is not None
