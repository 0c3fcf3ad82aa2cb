"""One tokenizer and one vocabulary for splitting and parsing change neither."""

import pytest
import spacy
from thinc.api import use_ops

from jmere.data.jsonl import read_posts
from jmere.files.bundled import bundled
from jmere.text.english import english
from jmere.text.parser import BUNDLED, BUNDLED_NAME, Parser
from jmere.text.words import post_words, split

TEXTS = ["I can't come, y'all're late.", "She's gonna win 5-3 @ home :-)", "Don't. U.S. o'clock"]


@pytest.fixture(scope="module")
def texts():
    samples = read_posts(bundled("samples") / "posts.jsonl")
    return [*map(split, TEXTS), *map(post_words, samples)]


def test_the_bundled_parser_gives_what_a_plainly_loaded_one_gives(texts):
    with use_ops("numpy", use_blis=False):
        plain = Parser(spacy.load(BUNDLED), BUNDLED_NAME)
    assert Parser.load().parse(texts) == plain.parse(texts)


def test_words_are_those_of_a_blank_pipeline_after_the_parser_was_loaded():
    Parser.load()
    blank = spacy.blank("en")
    for text in TEXTS:
        assert split(text).words == tuple(token.text for token in blank(text))


def test_parser_and_words_have_one_vocabulary():
    nlp = Parser.load()._nlp
    assert nlp.vocab is english().vocab
    assert nlp.tokenizer is english().tokenizer
