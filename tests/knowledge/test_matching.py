"""Which spellings are one name, and which names stay apart."""

from collections import defaultdict
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.knowledge.matching import normalised, unaccented
from jmere.knowledge.names import is_visible

SPELLINGS = [
    ("AT&T", "AT&amp;T", "at&#38;t", "AT&amp;amp;T"),
    ("O'Neill", "O’Neill", "O&#39;Neill", "O`Neill", "O´Neill", "Oʼneill", "O＇NEILL"),
    (
        "Jay-Z",
        "Jay Z",
        "JAY‐Z",
        "Jay–Z",
        "Jay−Z",
        "Jay - Z",
        "Jay\u00a0Z",
        "#jay-z",
        "Jay\u2011Z's",
    ),
    ("Obama", "Obama's", "OBAMA’S", "Obama 's", "@obama", "“Obama”", "Oba\u200dma", "Oba\u00adma"),
    (
        "\u202eObama\u202c",
        "Oba\u200bma\ufeff",
        "Obama&#8217;s",
        '"Obama"',
        "Obama's's",
        "obama\ufe0f",
    ),
    ("The Beatles", "Beatles", "THE  BEATLES", "The Beatles'", '"The Beatles"', "the #Beatles’s"),
    ("New York", "new  york", "New\nYork", "New\u2009York", "New-York", "The New\u202fYork"),
    ("WHO", "the WHO", "The WHO", "#who"),
    ("The Who", "the who", "THE WHO", "The Who's", "“The Who”"),
    ("The The", "the the"),
    ("Straße", "STRASSE"),
    ("ﬁnal", "final"),
    ("Ｔｏｋｙｏ", "Tokyo"),
    ("Ame\u0301lie", "Amélie"),
    ("❤️", "❤"),
    ("Nike®", "Nike™", "nike"),
]

WORDS = """
C C++ C# C+ F# G# + - / +/- A+ A- A A* # @ & * Rh+ Rh- 5 -5 +5 $5 5% €5 24" 24' 24 1.5 15 ½
U.S. US x.com xcom Yahoo Yahoo! J.Lo JLo N/A NA S&P SP R&B RB H&M HM T.I. TI Q&LTD Q<D .NET NET
4/20 420 4:20 50¢ Ke$ha Kesha A$AP AAP P!nk Pnk (RED) RED € £ ♀ ♂ O'Neill ONeill Co-op Coop re-sign
resign Jay-Z JayZ 👩‍🚀 👩🚀 👩 👨‍🚀
🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴 か が は ば ぱ й и ё е क कि की 한 하 東京 京都 ー 一 دوحة The
WHO Who's-Who Thebes Beatlesque 's s
"""
DISTINCT = [*WORDS.split(), "The Who", "The The", "Who Are You", "New York Times", "New York"]


@pytest.mark.parametrize("names", SPELLINGS, ids=lambda names: names[0])
def test_spellings_of_one_name_are_one(names):
    assert {normalised(name) for name in names} == {normalised(names[0])}


def test_names_of_several_things_stay_apart():
    found = defaultdict(list)
    for name in DISTINCT:
        found[unaccented(normalised(name))].append(name)
    assert [names for names in found.values() if len(names) > 1] == []


@pytest.mark.parametrize(
    ("accented", "plain"),
    [("Beyoncé", "Beyonce"), ("Łódź", "Lodz"), ("Søren", "Soren"), ("Zoë's", "zoe"),
     ("Ærø", "Aero"), ("İstanbul", "Istanbul"), ("Αθήνα", "Αθηνα"), ("Việt Nam", "Viet-Nam")],
)  # fmt: skip
def test_accents_of_latin_and_greek_letters_can_be_dropped(accented, plain):
    assert normalised(accented) != normalised(plain)
    assert unaccented(normalised(accented)) == unaccented(normalised(plain))


@given(st.text(st.characters(codec=None)) | st.text("tThHeE #@\"'s-&; \u2019\u200dwWoO"))
def test_a_key_is_its_own_key_and_never_empty(name):
    key = normalised(name)
    assert normalised(key) == key or "&" in key
    assert unaccented(unaccented(key)) == unaccented(key)
    assert not is_visible(name) or unaccented(key)


@pytest.mark.parametrize(
    "piece", ["(", "the ", "'s", "&amp;", '"', "-", "a-", "\u200d", "\U000e0061", "é", "# ", " 's"]
)
def test_long_names_take_linear_time(piece):
    started = process_time()
    unaccented(normalised(piece * 50_000))
    assert process_time() - started < 5
