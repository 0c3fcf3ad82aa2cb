"""Exported folders: their weights, their check, and the engine that runs them."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from builders import sample_posts
from jmere.cli import main
from jmere.export import export_onnx
from jmere.export.agreement import sample_posts as posts_to_compare
from jmere.extract import Extractor
from jmere.inputs.prepare import windows_of
from jmere.records import Post
from jmere.tagger.folder import GRAPH, WEIGHTS
from jmere.tagger.onnx_scorer import OnnxScorer, cut
from jmere.tagger.tagger import Tagger


@pytest.fixture(scope="module")
def whole(tiny_model, tmp_path_factory):
    """The tiny model in single precision."""
    folder = tmp_path_factory.mktemp("export") / "whole"
    found = export_onnx(tiny_model, folder)
    assert max(found.scores, found.shares) <= 1e-4
    return folder


@pytest.fixture(scope="module")
def small(tiny_model, tmp_path_factory):
    """The tiny model in integers."""
    folder = tmp_path_factory.mktemp("export") / "small"
    export_onnx(tiny_model, folder, int8=True)
    return folder


def test_one_file_of_weights_serves_both_engines(whole, small):
    for folder in (whole, small):
        assert (folder / GRAPH).stat().st_size < 3_000_000
        assert [path.name for path in folder.glob("*.safetensors") if "cooc" not in path.name] == [
            WEIGHTS
        ]
        posts = sample_posts()
        tagger = Tagger.from_pretrained(folder)
        batch = tagger.batch(windows_of(tagger.prepare(posts)))
        present = batch.word_mask[:, :, None] & batch.word_mask[:, None]
        ours, theirs = tagger.scores(batch), OnnxScorer.load(folder)(batch)
        np.testing.assert_allclose(theirs.grids[present], ours.grids[present], atol=1e-3)
        assert (theirs.lengths == ours.lengths).all()


def test_training_ends_with_a_graph(tiny_model):
    assert (tiny_model / GRAPH).is_file()
    assert GRAPH in json.loads((tiny_model / ".jmere.json").read_text())["files"]


def test_results_are_the_same_bytes_alone_in_a_batch_and_on_any_number_of_threads(small):
    extractor = Extractor.from_pretrained(small, backend="onnx", vision=None)
    posts = [*sample_posts(), *posts_to_compare()]
    together = [each.to_dict() for each in extractor.stream(posts, batch_size=64)]
    assert [each.to_dict() for each in extractor.stream(posts, batch_size=3)] == together
    assert [extractor.extract(post).to_dict() for post in posts] == together
    extractor.tagger.scorer = OnnxScorer.load(small, threads=5)
    assert [each.to_dict() for each in extractor.stream(posts)] == together


def test_the_torch_engine_gives_the_same_quintuples_alone_and_together(tiny_model):
    extractor = Extractor.from_pretrained(tiny_model, backend="torch", vision=None)
    posts = sample_posts()
    together = list(extractor.stream(posts))
    for post, found in zip(posts, together, strict=True):
        alone = extractor.extract(post)
        assert [replace(q, score=None) for q in alone.quintuples] == [
            replace(q, score=None) for q in found.quintuples
        ]
        np.testing.assert_allclose(
            [q.score for q in alone.quintuples], [q.score for q in found.quintuples], atol=1e-5
        )


def test_without_alignment_scores_are_the_same_and_shares_are_0(small):
    extractors = [
        Extractor.from_pretrained(small, backend="onnx", vision=None, alignment=alignment)
        for alignment in (True, False)
    ]
    for post in sample_posts():
        full, bare = (extractor.extract(post) for extractor in extractors)
        assert bare.quintuples == full.quintuples
        assert not bare.alignment.plan.any()
        assert not bare.groundings


def test_a_post_is_cut_out_of_its_batch(small):
    tagger = Tagger.from_pretrained(small)
    ready = [each for each in windows_of(tagger.prepare(posts_to_compare())) if len(each.words)]
    batch = tagger.batch(ready)
    for row, post in enumerate(ready):
        alone, arrays = tagger.batch([post]), cut(batch, slice(row, row + 1))
        for name, array in arrays.items():
            if post.scene.objects or "objects" not in name:
                expected = getattr(alone, name)
                own = array[tuple(slice(size) for size in expected.shape)]
                if name == "piece_words":  # what belongs to no word is after the last one
                    own = np.where(own == array_words(arrays), len(post.words), own)
                np.testing.assert_array_equal(own, expected, err_msg=name)


def array_words(arrays):
    return arrays["word_mask"].shape[1]


def test_a_graph_of_other_weights_is_refused(whole, small, tmp_path):
    folder = shutil.copytree(whole, tmp_path / "mixed")
    shutil.copy(small / WEIGHTS, folder / WEIGHTS)
    with pytest.raises(ValueError, match=r"model\.onnx") as caught:
        Extractor.from_pretrained(folder, backend="onnx")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"x" * 1000])
def test_a_damaged_graph_is_one_line(whole, tmp_path, content):
    folder = shutil.copytree(whole, tmp_path / "damaged")
    (folder / GRAPH).write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.onnx: not a graph that can be run") as caught:
        Extractor.from_pretrained(folder, backend="onnx")
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("as_users_call")
def test_an_engine_is_asked_for_by_name(whole, tmp_path):
    folder = shutil.copytree(whole, tmp_path / "bare")
    (folder / GRAPH).unlink()
    with pytest.raises(FileNotFoundError, match=r"no model\.onnx; jmere export onnx writes"):
        Extractor.from_pretrained(folder, backend="onnx")
    assert Extractor.from_pretrained(folder).tagger.network is not None
    with pytest.raises(ValueError, match="unknown backend 'tensorflow'"):
        Extractor.from_pretrained(folder, backend="tensorflow")


def test_the_command_exports_and_compares(tiny_model, tmp_path, capsys):
    output = tmp_path / "exported"
    assert main(["export", "onnx", str(tiny_model), "-o", str(output), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["scores"] <= 1e-4
    assert (output / GRAPH).is_file()
    assert main(["export", "onnx", "nowhere", "-o", str(output)]) == 2


WITHOUT_TORCH = """
import sys
for name in ("torch", "transformers", "onnx", "accelerate"):
    sys.modules[name] = None  # as if it were not installed
from jmere import Extractor, Post
assert Extractor.from_pretrained().extract("Stephen Curry leads the Golden State Warriors").entities
try:
    Extractor.from_pretrained(backend="torch")
except ImportError as error:
    assert "pip install 'jmere[torch]'" in str(error), error
else:
    raise AssertionError("torch was found")
"""


def test_extraction_needs_neither_torch_nor_transformers():
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH], check=True)


def test_a_gpu_is_taken_where_there_is_one(tiny_model):
    import torch

    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    extractor = Extractor.from_pretrained(tiny_model, backend="torch", device="auto")
    assert next(extractor.tagger.network.parameters()).device.type == "cuda"
    assert extractor.extract(sample_posts()[0]).quintuples


def test_a_post_without_words_has_a_plan_of_its_own(small):
    extractor = Extractor.from_pretrained(small, backend="onnx", vision=None)
    empty = Post("", scene_graph=posts_to_compare()[0].scene_graph)
    for posts in ([empty], [empty, *sample_posts()]):
        assert next(iter(extractor.stream(posts))).quintuples == ()
