"""Relations of a model that leaves out what a text does not assert."""

import pytest

from jmere import Extractor
from jmere.grid.decode import Decoded
from jmere.records import Link, Mention
from jmere.tagger.asserted import asserted_only
from jmere.text.words import split


def found(words, *pairs):
    names = {
        name: Mention(words.words.index(name), words.words.index(name) + 1, "per")
        for pair in pairs
        for name in pair
    }
    links = tuple(Link(names[head], names[tail], "peer") for head, tail in pairs)
    return Decoded(links, tuple(names.values()))


def test_a_sentence_is_judged_by_itself():
    words = split("Is Ann with Bob? Carl met Dora. Eve never met Finn.")
    decoded = found(words, ("Ann", "Bob"), ("Carl", "Dora"), ("Eve", "Finn"), ("Bob", "Carl"))
    kept = asserted_only(decoded, words)
    assert [words.quintuple(link).head.text for link in kept.links] == ["Carl", "Bob"]
    assert kept.mentions == decoded.mentions


def test_a_line_break_ends_no_sentence():
    words = split("Ann never played for\nBonn")
    assert not asserted_only(found(words, ("Ann", "Bonn")), words).links


@pytest.mark.parametrize("text", ["Is Ann with Bob?", "Ann met Bob."])
def test_what_is_all_asserted_is_the_same_object(text):
    words = split(text)
    decoded = found(words, ("Ann", "Bob")) if "met" in text else Decoded()
    assert asserted_only(decoded, words) is decoded


def test_the_bundled_model_tells_a_denied_fact_from_a_told_one():
    extractor = Extractor.from_pretrained()
    told, denied, asked = extractor(
        [
            "Stephen Curry plays for the Golden State Warriors",
            "Stephen Curry never played for the Golden State Warriors",
            "Does Stephen Curry play for the Golden State Warriors?",
        ]
    )
    assert [q.relation for q in told.quintuples] == ["member_of"]
    assert denied.quintuples == asked.quintuples == ()
    assert len(denied.entities) == 2
