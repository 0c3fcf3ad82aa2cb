from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from builders import sample_posts, tiny_run
from jmere.data.jsonl import write_posts
from jmere.tags import TagSet
from jmere.training.config import RunConfig
from jmere.training.start import create_tagger, start


def test_a_model_learns_from_the_pixels_of_a_folder(tmp_path, tiny_detector):
    values = tiny_run(tmp_path, epochs=1)
    folder = tmp_path / "pictures"
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (48, 60, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "a.png")
    posts = [replace(post, image="a.png", alt_text=None) for post in sample_posts()]
    write_posts(values["data"]["train"][0], posts)
    values["data"] |= {"images": str(folder), "weights": str(tiny_detector)}
    config = RunConfig.parse(values)
    _, scenes = create_tagger(config, TagSet.load(), posts)
    assert all(scene.objects and scene.size == (60, 48) for scene in scenes)
    start(config)

    values["data"]["weights"] = "nowhere.onnx"
    values["output"] = str(tmp_path / "other")
    with pytest.raises(FileNotFoundError, match=r"nowhere\.onnx: no such file"):
        start(RunConfig.parse(values))
