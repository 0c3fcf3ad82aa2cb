import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.knowledge.names import clean, digest, identifier, normalised, slug


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("New  York", "new york"),
        ("#BLM", "blm"),
        ("@ NASA", "nasa"),
        ("##tag", "tag"),
        ("Straße", "STRASSE"),
        ("ﬁnal", "final"),
        ("Ｔｏｋｙｏ", "Tokyo"),
        ("\u200bObama\u200f", "Obama"),
        ("Ame\u0301lie", "Amélie"),
        ("line\nbreak", "line break"),
    ],
)
def test_spellings_of_one_name_are_one(one, other):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Amelie", "Amélie"), ("U.S.", "US"), ("C#", "C"), ("#", "@"), ("👩‍🚀", "👩🚀")],
)
def test_accents_punctuation_and_joined_emoji_count(one, other):
    assert normalised(one) != normalised(other)


def test_clean_keeps_what_can_be_seen():
    assert clean('  "Bob"\t<b>\r\n\x00\x1b\ud800\uffff😀 ') == '"Bob" <b> 😀'


@given(st.text(st.characters(codec=None)))
def test_cleaning_and_normalising_twice_changes_nothing(name):
    assert clean(clean(name)) == clean(name)
    clean(name).encode()
    assert normalised(normalised(name)) == normalised(name)


def test_ids_can_be_read_and_told_apart():
    assert slug("Beyoncé Knowles!") == "beyonce-knowles"
    assert identifier("per", "ann lee").startswith("ann-lee-")
    assert identifier("per", "ann lee") != identifier("org", "ann lee")
    assert identifier("per", "東京") == digest("per", "東京")
    assert len(identifier("per", "x" * 5000)) < 60
