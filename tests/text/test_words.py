import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmere.records import Entity, Link, Mention, Post, Quintuple
from jmere.text.words import join, post_words, split

HARD = [
    "RT @NBA: 👩‍👩‍👧 Curry’s #NBA\tshow… http://t.co/x",
    "e\u0301clair\u200bcafe\u0301 \u00a0 שלום עולם مرحبا",
    "don't stop\r\nI'm at O'Brien's (U.S.A.)!",
    "🇫🇷🇩🇪 1️⃣ ﷽ \ufeff x",
]


@pytest.mark.parametrize("text", HARD)
def test_offsets_are_exact(text):
    words = split(text)
    assert all(text[start:end] == word for word, (start, end) in
               zip(words.words, words.spans, strict=True))  # fmt: skip
    assert "".join(words.words) == "".join(text.split())


@given(st.text(max_size=60))
def test_every_character_but_white_space_is_in_one_word(text):
    words = split(text)
    covered = [place for start, end in words.spans for place in range(start, end)]
    assert covered == sorted(set(covered))
    assert all(text[place].isspace() for place in set(range(len(text))) - set(covered))


SIGNS = "()[]{}<>\"'`~!@#$%^&*-_=+|\\:;,./?…—–“”‘’«»€£"


@given(st.text(st.sampled_from(SIGNS + "aB1é 👩\u200d\u0301漢"), max_size=120))
def test_offsets_are_exact_whatever_the_signs(text):
    words = split(text)
    assert "".join(words.words) == "".join(text.split())
    assert all(text[a:b] == word and word for word, (a, b) in
               zip(words.words, words.spans, strict=True))  # fmt: skip
    assert all(a[1] <= b[0] for a, b in pairwise(words.spans))


GLUED = {
    "Rashford(Manchester United)": "Rashford ( Manchester United )",
    "Obama(44th president)in Hawaii": "Obama ( 44th president ) in Hawaii",
    "word).Next": "word ) . Next",
    "United/City": "United / City",
    "USA/2018": "USA / 2018",
    "Oslo—2nd": "Oslo — 2nd",
    "Oslo–Bergen": "Oslo – Bergen",
    "wait--no": "wait -- no",
    "Oslo…@nato": "Oslo … @nato",
    "so...2nd": "so ... 2nd",
    "cost$5": "cost $ 5",
    "$5-$10": "$ 5 - $ 10",
    "50€for": "50 € for",
    'say"x"now': 'say " x " now',
    "“Hello”he": "“ Hello ” he",
    "News|CNN": "News | CNN",
    "great!!!Next": "great ! ! ! Next",
    "hello:)world": "hello :) world",
    "Lookhttps://t.co/x": "Look https://t.co/x",
    "Awards:@NBA": "Awards : @NBA",
}
WHOLE = [
    *("@The_NBA", "Jay_Z", "http://t.co/x-(y)z", "pic.twitter.com/xyz", "a.b@mail.com", ":-)"),
    *("¯\\_(ツ)_/¯", "<3", "3.5", "24/7", "1/2", "12/25/2015", "1990–1995", "U.S.", "A$", "w/o"),
    *("O'Brien", "O’Brien", "Ke$ha", "R&B", "f**k", "5'11", "rock'n'roll", "..", "US$", "10:30"),
]


@pytest.mark.parametrize("text", GLUED)
def test_signs_that_glue_words_are_words(text):
    assert " ".join(split(text).words) == GLUED[text]


@pytest.mark.parametrize("text", WHOLE)
def test_what_is_one_word_stays_one(text):
    assert split(text).words == (text,)
    assert split(f"say {text} now").words == ("say", text, "now")


RUNS = [
    "(",
    ")",
    "'",
    "—",
    "...",
    ":)",
    "?!",
    "a's",
    "a(",
    "a.",
    "a@",
    "-_",
    "👩‍👩‍👧",
    "5km ",
    "http://(",
]


@pytest.mark.parametrize("unit", [*RUNS, SIGNS, SIGNS + "ab1"])
def test_a_long_text_takes_little_time(unit):
    text = (unit * 100_000)[:100_000]
    split("warm up")
    begun = time.process_time()
    words = split(text)
    seconds = time.process_time() - begun
    assert "".join(words.words) == "".join(text.split())
    assert seconds < 3  # the checks of types in tests take most of it


def test_given_words_are_kept_as_they_are():
    words = post_words(Post(tokens=["don't", "a b", " c"]))
    assert words.words == ("don't", "a b", " c")
    assert [words.text[a:b] for a, b in words.spans] == list(words.words)


def test_characters_to_words_and_back():
    words = join(["Stephen", "Curry", "joins", "NBA"])
    curry, nba = Entity("Stephen Curry", "per", 0, 13), Entity("NBA", "org", 20, 23)
    assert words.mention(curry) == Mention(0, 2, "per")
    assert words.entity(Mention(0, 2, "per")) == curry
    link = words.link(Quintuple(curry, nba, "member_of", 0.5))
    assert link == Link(Mention(0, 2, "per"), Mention(3, 4, "org"), "member_of")
    back = words.quintuple(link)
    assert (back.head.text, back.tail.text, back.score) == ("Stephen Curry", "NBA", 0.5)


@pytest.mark.parametrize("span", [(1, 13), (0, 12), (0, 0), (8, 6), (0, 99)])
def test_an_entity_that_cuts_a_word_has_no_mention(span):
    words = join(["Stephen", "Curry"])
    entity = Entity("?", "per", *span)
    assert words.mention(entity) is None
    assert words.link(Quintuple(entity, Entity("Curry", "per", 8, 13), "peer")) is None


def test_a_window_keeps_offsets_in_the_whole_text():
    window = join(["a", "bc", "d"]).window(1, 3)
    assert window.entity(Mention(0, 1, "x")) == Entity("bc", "x", 2, 4)


def test_blank_tokens_are_between_words_and_offsets_stay():
    words = post_words(Post(tokens=["\u00a0", "Ada", "", "in", "\x85", "Oslo", "\u200b"]))
    assert words.words == ("Ada", "in", "Oslo", "\u200b")
    assert [words.text[start:end] for start, end in words.spans] == list(words.words)
    assert post_words(Post(tokens=[" ", ""])).words == ()
