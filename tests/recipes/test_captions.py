"""Whether captions are told apart, on vectors made by hand and by a tiny encoder."""

import json
import runpy
import sys
from pathlib import Path

import pytest
import torch

from builders import save_tiny_encoder
from jmere.data.jsonl import write_posts
from jmere.records import Post

SCRIPT = Path(__file__).parents[2] / "recipes" / "tables" / "captions.py"


def test_own_captions_are_counted():
    told_apart = runpy.run_path(str(SCRIPT))["told_apart"]
    texts = torch.eye(3)
    assert told_apart(texts, 2 * texts) == {"own_is_nearer": 1, "first": 1}
    assert told_apart(texts, texts.roll(1, 0)) == {"own_is_nearer": 0.25, "first": 0}


def test_a_caption_that_repeats_its_text_is_told_from_others(tmp_path, capsys, monkeypatch):
    texts = ["Ada met Bob in London", "a golden trophy", "Messi won the Ballon d'Or"]
    posts = [Post(text, id=str(number), alt_text=text) for number, text in enumerate(texts)]
    write_posts(tmp_path / "posts.jsonl", [*posts, Post("no picture", id="none")])
    encoder = save_tiny_encoder(tmp_path / "encoder")
    monkeypatch.setattr(sys, "argv", ["captions", str(tmp_path / "posts.jsonl"), str(encoder)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    found = json.loads(capsys.readouterr().out)
    assert found["posts"] == 3
    assert found["first"] == pytest.approx(1)
