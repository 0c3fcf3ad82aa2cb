import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.knowledge.names import clean, digest, identifier, is_visible, slug, surface

ANY = st.text(st.characters(codec=None))


def test_clean_keeps_what_can_be_seen():
    assert clean('  "Bob"\t<b>\r\n\x00\x1b\ud800\uffff😀 ') == '"Bob" <b> 😀'


@given(ANY)
def test_cleaning_twice_changes_nothing(name):
    assert clean(clean(name)) == clean(name)
    clean(name).encode()


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("O&#39;Neill &#x26; Co", "O'Neill & Co"),
        ("caf&eacute;&nbsp;bar", "café bar"),
        ("Smith&LTD", "Smith&LTD"),
        ("H&M;", "H&M;"),
        ("&#0;&#xd800;Ann&#27;", "\ufffd\ufffdAnn"),
        ("\u200bAnn\ufeff", "Ann"),
        ("نامه\u200cای", "نامه\u200cای"),
        ("👩‍🚀", "👩‍🚀"),
    ],
)
def test_a_name_is_spelled_as_it_is_read(name, read):
    assert surface(name) == read


@given(ANY)
def test_an_escaped_name_is_read_as_if_it_were_not(name):
    once = surface(name)
    assert surface(html.escape(once)) == surface(once)


@pytest.mark.parametrize(
    "name",
    ["", " ", "\u00a0", "\u200b", "\u2060\ufeff", "\0\x1b", "\u0301", "\u0301\ufe0f", "\u3164",
     "\u2800", "\u202e\u202c", "\ud83d", "\n\t\u2028", "\u200d", "\U000e0041", "\u093f", "\u20dd"],
)  # fmt: skip
def test_a_name_without_a_visible_character(name):
    assert not is_visible(name)


@pytest.mark.parametrize(
    "name", ["a", "#", "-", "東", "ا", "🎬", "é", "\u200ba", "$", "\uf8ff", "1"]
)
def test_a_name_with_a_visible_character(name):
    assert is_visible(name)


def test_ids_can_be_read_and_told_apart():
    assert slug("Beyoncé Knowles!") == "beyonce-knowles"
    assert identifier("per", "ann lee").startswith("ann-lee-")
    assert identifier("per", "ann lee") != identifier("org", "ann lee")
    assert identifier("per", "東京") == digest("per", "東京")
    assert len(identifier("per", "x" * 5000)) < 60
