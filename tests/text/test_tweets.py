import pytest

from jmere.records import TextGraph
from jmere.text.spelling import kind_of, normalise
from jmere.text.tweets import LABELS, put_back, take_out


def chain(forms):
    """A tree in which every word but the first hangs on the word before it."""
    size = len(forms)
    heads = tuple(max(0, place - 1) for place in range(size))
    return TextGraph(tuple(forms), ("NOUN",) * size, heads, ("root",) + ("dep",) * (size - 1))


def read(text, **options):
    reading = take_out(text.split())
    return put_back(reading, chain(reading.forms), **options)


def test_marks_hang_on_the_root_as_in_tweebank():
    graph = read("RT @ann : @bob Messi scores #goal http://t.co/x")

    rows = list(zip(graph.words, graph.pos, graph.heads, graph.labels, strict=True))
    assert rows == [
        ("RT", "X", 4, "discourse"),
        ("@ann", "X", 0, "discourse"),
        (":", "PUNCT", 0, "punct"),
        ("@bob", "PROPN", 4, "vocative"),
        ("Messi", "NOUN", 4, "root"),
        ("scores", "NOUN", 4, "dep"),
        ("#goal", "X", 4, "discourse"),
        ("http://t.co/x", "X", 4, "list"),
    ]


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Messi #scores in Rome #goal", ("Messi", "scores", "in", "Rome")),
        ("see http://t.co/x now", ("see", "now")),
        ("Live from #Rome #news", ("Live", "from", "Rome")),
        ("@ann and @bob won", ("and", "@USER", "won")),
        ("Thanks to @ann", ("Thanks", "to", "@USER")),
        ("Hi @ann", ("Hi",)),
    ],
)
def test_what_belongs_to_the_sentence_stays_in_it(text, forms):
    assert take_out(text.split()).forms == forms


@pytest.mark.parametrize(
    ("text", "forms", "places"),
    [
        ("the # NBA draft", ("the", "NBA", "draft"), (0, 2, 3)),
        ("with @ ann today", ("with", "@USER", "today"), (0, 2, 3)),
        ("I don ' t know", ("I", "do", "n't", "know"), (0, 1, 3, 4)),
        ("it ’ s on", ("it", "'s", "on"), (0, 2, 3)),
        ("the # 's", ("the", "#", "'s"), (0, 1, 2)),
        ("' t", ("'", "t"), (0, 1)),
    ],
)
def test_signs_split_from_their_word_are_joined_for_the_parser(text, forms, places):
    reading = take_out(text.split())

    assert (reading.forms, reading.indices) == (forms, places)


def test_a_split_sign_hangs_on_its_word():
    graph = read("the # NBA draft")

    assert (graph.pos[1], graph.heads[1], graph.labels[1]) == ("PUNCT", 2, "punct")


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("Rome won . Paris lost .", [0, 3]),
        ("Mr . Smith met J . Doe", [0]),
        ("well ... maybe later", [0]),
        ("well ... Maybe later", [0, 2]),
        ("Rome won ! !", [0]),
    ],
)
def test_a_sentence_begins_after_a_stop(text, starts):
    assert [i for i, start in enumerate(take_out(text.split()).starts) if start] == starts


TWO = TextGraph(
    ("Rome", "won", ".", "Paris", "lost"),
    ("PROPN", "VERB", "PUNCT", "PROPN", "VERB"),
    (1, 1, 1, 4, 4),
    ("nsubj", "root", "punct", "nsubj", "root"),
)


def test_sentences_are_trees_of_their_own_or_one():
    reading = take_out(["RT", "@ann", ":", "Rome", "won", ".", "Paris", "lost", "#goal"])

    several = put_back(reading, TWO)
    assert several.heads == (4, 0, 0, 4, 4, 4, 7, 7, 7)
    assert several.labels[7] == "root"

    one = put_back(reading, TWO, one_tree=True)
    assert one.heads == (4, 0, 0, 4, 4, 4, 7, 4, 7)
    assert one.labels[7] == "parataxis"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "RT",
        "#tag",
        "@ann @bob",
        "http://t.co/x",
        "RT @ann :",
        "RT @ann : # one # two",
        "! ?",
        "@ann #",
    ],
)
@pytest.mark.parametrize("one_tree", [False, True])
def test_every_word_stays_and_hangs_below_a_root(text, one_tree):
    graph = read(text, one_tree=one_tree)

    size = len(text.split())
    assert graph.words == tuple(text.split())
    assert len(graph.pos) == len(graph.heads) == len(graph.labels) == size
    for place in range(size):
        for _ in range(size):
            place = graph.heads[place]
        assert graph.heads[place] == place
        assert graph.labels[place] == "root"
    assert {*graph.labels} <= {*LABELS, "dep"}


@pytest.mark.parametrize(
    ("word", "kind", "form"),
    [
        ("RT", "retweet", "RT"),
        ("@ann_b", "user", "@USER"),
        (".@ann", "user", "@USER"),
        ("https://t.co/x", "url", "URL"),
        ("pic.twitter.com/x", "url", "URL"),
        ("#NBA", "tag", "NBA"),
        ("😂😂", "emoji", ":)"),
        ("❤️", "emoji", ":)"),
        ("…", "sign", "..."),
        ("Amazon.com", "word", "Amazon.com"),
        ("sooooo", "word", "soo"),
        ("1000", "word", "1000"),
        ("n’t", "word", "n't"),
        ("U", "word", "U"),
        ("u", "word", "you"),
        ("hahahaha", "word", "lol"),
        ("\t", "sign", "_"),
        ("", "sign", "_"),
    ],
)
def test_words_get_a_kind_and_a_spelling(word, kind, form):
    assert (kind_of(word), normalise(word)) == (kind, form)
