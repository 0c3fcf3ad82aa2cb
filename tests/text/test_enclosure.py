import pytest

from jmere.records import TextGraph
from jmere.text.enclosure import hang_enclosures


def graph(text, heads, signs="()\"'[]"):
    words = tuple(text.split())
    labels = tuple(
        "root" if head == place else "punct" if word in signs else "dep"
        for place, (word, head) in enumerate(zip(words, heads, strict=True))
    )
    return TextGraph(words, ("X",) * len(words), heads, labels)


@pytest.mark.parametrize(
    ("text", "heads", "expected"),
    [
        ("Ann ( a cook ) ran", (5, 5, 3, 0, 0, 5), (5, 3, 3, 0, 3, 5)),
        ('He said " go home " twice', (1, 1, 1, 1, 3, 4, 1), (1, 1, 3, 1, 3, 3, 1)),
        ("' Go ! '", (1, 1, 1, 2), (1, 1, 1, 1)),
        ("[ ( a ) b ]", (2, 2, 4, 2, 4, 2), (4, 2, 4, 2, 4, 4)),
    ],
)
def test_a_pair_hangs_on_the_top_word_inside(text, heads, expected):
    assert hang_enclosures(graph(text, heads)).heads == expected


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("Ann ran .", (1, 1, 1)),
        ("Ann ( ran", (2, 2, 2)),
        (") Ann (", (1, 1, 1)),
        ("( ) Ann", (2, 2, 2)),
        ("( Ann ]", (1, 1, 1)),
        ("( a ) ran", (3, 2, 3, 3)),
    ],
)
def test_what_is_no_pair_around_a_word_stays(text, heads):
    assert hang_enclosures(graph(text, heads)).heads == heads


def test_signs_that_are_no_punctuation_stay():
    before = graph("Ann 's ( a ) ran", (5, 0, 5, 5, 0, 5), signs="")

    assert hang_enclosures(before) == before
