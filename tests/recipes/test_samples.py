import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jmere import read_posts
from jmere.vision.detect.boxes import intersection_over_union

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def recipe():
    pytest.importorskip("matplotlib", reason="needs the extra graph")
    spec = importlib.util.spec_from_file_location("samples", ROOT / "recipes/samples/samples.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder():
    return ROOT / "src/jmere/bundled/samples"


@pytest.fixture(scope="module")
def posts(folder):
    return {post.id: post for post in read_posts(folder / "posts.jsonl")}


def test_pictures_are_small_and_belong_to_posts(folder, posts):
    pictures = [path for path in folder.iterdir() if path.suffix != ".jsonl"]
    assert {path.name for path in pictures} == {"grace_hopper.jpg", "lecture.png"}
    assert {path.name for path in pictures} <= {post.image for post in posts.values()}
    assert sum(path.stat().st_size for path in pictures) < 80_000


def test_scene_graphs_are_of_the_pictures(folder, posts):
    for name in ("admiral", "lecture"):
        post = posts[name]
        with Image.open(folder / post.image) as image:
            assert post.scene_graph.size == image.size
        for thing in post.scene_graph.objects:
            x0, y0, x1, y1 = thing.box
            assert 0 <= x0 < x1 <= post.scene_graph.size[0]
            assert 0 <= y0 < y1 <= post.scene_graph.size[1]


def test_the_poster_is_the_recipe_s_and_its_words_are_read(recipe, folder, posts):
    with Image.open(folder / "lecture.png") as image:
        shipped = np.asarray(image.convert("RGB"), np.int16)
    drawn = np.asarray(recipe.poster(), np.int16)
    assert np.abs(shipped - drawn).mean() < 3
    lines = {thing.label: thing.box for thing in posts["lecture"].scene_graph.objects}
    for x, y, letters, text, _ in recipe.POSTER:
        width = lines[text][2] - lines[text][0]
        place = np.array([[x, y, x + width, y + 1.2 * letters]], np.float32)
        assert intersection_over_union(np.array([lines[text]], np.float32), place)[0, 0] > 0.6
