import pytest

from jmere.records import Entity, Mention
from jmere.text.words import split

WHOLE = [
    *("Saint-Germain", "Rolls-Royce", "Jay-Z", "Comic-Con", "Oxlade-Chamberlain", "Jean-Luc"),
    *(
        "al-Fassi",
        "Stratford-upon-Avon",
        "Clermont-Ferrand",
        "Baden-Württemberg",
        "Saint-Jean-de-Luz",
    ),
    *("Ki\u2010moon", "Coca\u2011Cola"),
]
APART = {
    "US-China": "US - China",
    "Paris-based": "Paris - based",
    "pro-Trump": "pro - Trump",
    "well-known": "well - known",
    "in-App": "in - App",
    "US-China-Oslo": "US - China - Oslo",
    "Boeing-737": None,
    "Oslo - Bergen": "Oslo - Bergen",
    "Jean -Luc": None,
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_name_with_hyphens_is_one_word(name):
    assert split(f"Ban {name} said").words == ("Ban", name, "said")


@pytest.mark.parametrize("text", [text for text, words in APART.items() if words])
def test_other_hyphens_divide_words(text):
    assert split(f"the {text} deal").words == ("the", *APART[text].split(), "deal")


@pytest.mark.parametrize("text", ["Boeing-737", "Jean -Luc", "a-", "-", "--", "Ann-", "-Ann"])
def test_no_character_is_lost(text):
    assert "".join(split(text).words) == text.replace(" ", "")


def test_a_small_last_part_is_of_a_name_of_two_words_alone():
    assert split("Lee Jung-jae won").words == ("Lee", "Jung-jae", "won")
    assert split("in Paris-born").words == ("in", "Paris", "-", "born")
    assert split("New York-based firm").words == ("New", "York", "-", "based", "firm")


def test_capitals_alone_are_no_name():
    assert split("COCA-COLA WINS").words == ("COCA", "-", "COLA", "WINS")


def test_a_name_is_found_by_its_characters():
    words = split("Paris Saint-Germain won")
    assert words.mention(Entity("Paris Saint-Germain", "org", 0, 19)) == Mention(0, 2, "org")
