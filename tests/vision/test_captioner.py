import json

import numpy as np
import pytest

from jmere import Extractor, Post, VisualConfig
from jmere.cli import main
from jmere.errors import MissingExtraError
from jmere.scenes.sources import Descriptions
from jmere.vision.captioner import Captioner
from jmere.vision.detect.detector import load_detector
from jmere.vision.pixels import PixelScenes, VisionConfig

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "a", "man", "on", "horse", "dog"]


@pytest.fixture(scope="module")
def tiny_captioner(tmp_path_factory):
    """A BLIP of random weights, a few kilobytes large."""
    torch = pytest.importorskip("torch")
    from transformers import BertTokenizerFast, BlipConfig, BlipForConditionalGeneration
    from transformers.models.blip import BlipImageProcessorPil

    folder = tmp_path_factory.mktemp("captioner")
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    torch.manual_seed(3)
    ids = {"bos_token_id": 5, "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0}
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = BlipConfig(
        text_config={
            **small,
            **ids,
            "vocab_size": len(WORDS),
            "intermediate_size": 16,
            "encoder_hidden_size": 16,
            "max_position_embeddings": 64,
        },
        vision_config={**small, "intermediate_size": 16, "image_size": 32, "patch_size": 16},
        projection_dim=16,
    )
    BlipForConditionalGeneration(config).save_pretrained(folder, safe_serialization=True)
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    BlipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def picture(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def test_a_caption_is_a_sentence_of_the_model_s_words(tiny_captioner):
    captioner = Captioner.load(str(tiny_captioner))
    scene = captioner.detect(picture())
    [thing] = scene.objects
    assert {word.lower() for word in thing.label.split()} <= {word.lower() for word in WORDS}
    assert (thing.box, thing.score, scene.size) == (None, None, (60, 40))
    assert captioner.detect(picture()) == scene


class Says:
    """A captioner of fixed sentences."""

    def __init__(self):
        self.asked = []

    def scenes(self, pictures):
        from jmere import SceneGraph, SceneObject

        for picture in pictures:
            self.asked.append(picture)
            if picture == "broken.jpg":
                yield ValueError("broken.jpg: cannot be read")
            else:
                yield SceneGraph((SceneObject("a man on a horse"),))


def test_only_posts_without_a_description_are_described():
    says = Says()
    posts = [
        Post("text alone"),
        Post("said", image="a.jpg", alt_text="a dog"),
        Post("blank", image="b.jpg", alt_text=" "),
        Post("no", image="broken.jpg"),
    ]
    found = Descriptions(says).described(posts)
    assert says.asked == ["b.jpg", "broken.jpg"]
    assert [post.alt_text for post in found] == [None, "a dog", "a man on a horse", None]
    assert found[3].warnings == ("picture not described: broken.jpg: cannot be read",)


def test_a_caption_becomes_the_graph_of_the_post():
    extractor = Extractor.from_pretrained(vision=None)
    from jmere.scenes.sources import FromCaption
    from jmere.scenes.sources.search import SceneSources

    sources = SceneSources(
        [FromCaption(extractor.tagger.prepare.parser)], descriptions=Descriptions(Says())
    )
    assert sources.gives(Post("t", image="a.jpg"))
    extractor.tagger.use_scenes(sources)
    scene = extractor(Post("Look!", image="a.jpg")).scene_graph
    assert [thing.label for thing in scene.objects] == ["man", "horse"]
    assert [each.predicate for each in scene.relations] == ["on"]


def test_the_config_and_the_command_take_one(tiny_captioner, tmp_path, capsys):
    from PIL import Image

    Image.fromarray(picture()).save(tmp_path / "a.png")
    visual = VisualConfig(captioner=str(tiny_captioner), detector=None)
    caption = visual.captions().scene(tmp_path / "a.png").objects[0].label
    extractor = Extractor.from_pretrained(visual=visual, vision=None)
    [post] = extractor.tagger.prepare.scenes.described([Post("t", image=tmp_path / "a.png")])
    assert post.alt_text == caption
    call = ["extract", "--text", "Look!", "--image", str(tmp_path / "a.png"), "--json"]
    assert main([*call, "--captioner", str(tiny_captioner)]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "Look!"


def test_what_is_no_captioner_is_one_line(tmp_path, capsys):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    (tmp_path / "a.png").write_bytes(b"")
    call = ["extract", "--text", "t", "--image", str(tmp_path / "a.png")]
    for name in (str(tmp_path), "nobody/has-this-model"):
        assert main([*call, "--captioner", name]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert name in error
    assert main(["extract", "--text", "t", "--captioner", "x"]) == 2
    assert "--captioner requires --image" in capsys.readouterr().err


def test_weights_that_are_pickles_are_refused(tiny_captioner, tmp_path):
    import torch

    for path in tiny_captioner.iterdir():
        if path.suffix != ".safetensors":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(FileNotFoundError, match="no captioner found"):
        Captioner.load(str(tmp_path))


def test_without_the_library_one_line_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"needs: pip install 'jmere\[captioner\]'"):
        load_detector("captioner", weights="x")


def test_captions_are_cached(tiny_captioner):
    config = VisionConfig(detector="captioner", weights=str(tiny_captioner))
    assert PixelScenes(config).scene(picture()) == PixelScenes(config).scene(picture())
