"""Whatever is extracted can be written, read back and made a graph of, whatever characters."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jmere import Alignment, Extraction, Extractor, Post, SceneGraph, SceneObject
from jmere.data.mend import mended_post
from jmere.data.predictions import read_predictions
from jmere.grid.decode import Decoded
from jmere.inputs.prepare import PreparedPost
from jmere.knowledge.merge import merge
from jmere.records import Link, Mention, TextGraph
from jmere.tagger.predict import Found, extraction
from jmere.text.pieces import Pieces
from jmere.text.words import post_words

ODD = [
    *("\u00a0", "\u2007", "\u3000", "\x85", "\u2028", "\u2029", "\x1c", "\t", "\n", "\r", " "),
    *("\u200b", "\u200d", "\ufeff", "\u2060", "\u00ad", "\u034f", "\u180e", "\ufffd", "\ufffe"),
    *(
        "e\u0301",
        "\u0301",
        "👩‍👩‍👧",
        "🇳🇱",
        "👍🏽",
        "\ufe0f",
        "שלום",
        "\u202e",
        "\u2066",
        "ﷺ",
        "ſ",
        "İ",
    ),
    *("\ud83d", "\udcff", "\ud83d\ude00", "\0", "\x07", "\x1b[2J", "\x7f", "\u0378", "\U0010ffff"),
    *("Ada", "Oslo", "FIFA", "#", "@", "'s", '"', "\\", "<b>", "&amp;", "https://t.co/x", "(", "."),
]
texts = st.lists(st.sampled_from(ODD) | st.characters() | st.characters(categories=["Cs", "Zs"]),
                 max_size=8).map("".join)  # fmt: skip
content = texts.map(lambda text: {"text": text}) | st.lists(texts, max_size=6).map(
    lambda tokens: {"tokens": tokens}
)
others = st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "alt_text", "image"), texts))
fields = st.builds(lambda one, more: {**one, **more}, content, others)
"""The fields of a post; not the post, whose types are checked at random while tests run."""


def written_and_read(found, folder):
    """What the reader of ``graph build`` makes of a result's line."""
    path = folder / "found.jsonl"
    line = json.dumps(found.to_dict(), ensure_ascii=False) + "\n"
    path.write_text(line, encoding="utf-8", newline="\n")
    [again] = read_predictions(path)
    return again


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("found")


@settings(max_examples=300, deadline=None)
@given(fields, st.data())
def test_any_entities_of_any_text_are_read_back(folder, fields, data):
    post, warnings = mended_post(Post(**{**fields, "id": "p"}))
    words, mentions = post_words(post), []
    if len(words):
        cuts = data.draw(st.lists(st.integers(0, len(words)), unique=True).map(sorted))
        mentions = [Mention(start, end, "per") for start, end in pairwise(cuts)]
    links = tuple(Link(one, two, "peer", 0.5) for one, two in pairwise(mentions))
    scene = SceneGraph((SceneObject("a\u200bman"),))
    rows = np.full((len(words), 1), 1 / max(len(words), 1), np.float32)
    alignment = Alignment(words.words, (scene.objects[0].label,), rows, rows)
    ready = PreparedPost(words, Pieces((), ()), TextGraph((), (), (), ()), scene, ())
    found = extraction(
        post, [Found(ready, Decoded(links, tuple(mentions)), alignment)], warnings=warnings
    )

    again = written_and_read(found, folder)

    assert again == found
    assert again.to_dict() == found.to_dict()
    assert len(again.groundings) == len(mentions)
    for entity in again.entities:
        assert entity.text == again.text[entity.start : entity.end]
        assert entity.text.strip()
    merge([again])


@pytest.fixture(scope="module")
def extractor(tiny_model):
    return Extractor.from_pretrained(tiny_model, vision=None)


@settings(max_examples=60, deadline=None)
@given(st.lists(fields, max_size=5))
def test_any_posts_are_extracted_one_result_each(extractor, folder, several):
    posts = [Post(**fields) for fields in several]
    results = list(extractor.stream(posts))

    assert len(results) == len(posts)
    for post, found in zip(posts, results, strict=True):
        assert len(found.text) == len(post.text)
        assert Extraction.from_dict(found.to_dict()) == found
        again = written_and_read(Extraction.from_dict({**found.to_dict(), "id": "p"}), folder)
        assert again.to_dict() == {**found.to_dict(), "id": "p"}
