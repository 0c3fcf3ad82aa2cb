import pytest

from jmere.grid.decode import Decoded, DecodeOptions
from jmere.grid.word_labels import ScoredMention
from jmere.records import Link, Mention
from jmere.tagger.names.added_names import with_names

ANN, BONN, ROME = Mention(0, 1, "per"), Mention(2, 4, "org"), Mention(5, 6, "loc")
OPTIONS = DecodeOptions(names_with_facts=0.9, names_without_facts=0.5)
FACT = Decoded((Link(ANN, BONN, "member_of"),), (ANN, BONN))


def named(*pairs):
    return [ScoredMention(mention, score) for mention, score in pairs]


def test_a_sure_name_is_added_beside_a_fact():
    found = with_names(FACT, named((ROME, 0.95)), OPTIONS)
    assert found == Decoded(FACT.links, (ANN, BONN, ROME))


def test_beside_a_fact_the_entities_stay():
    part = Mention(3, 4, "loc")
    assert with_names(FACT, named((part, 1.0), (ROME, 0.8)), OPTIONS) is not None
    assert with_names(FACT, named((part, 1.0), (ROME, 0.8)), OPTIONS).mentions == (ANN, BONN)


def test_without_a_fact_names_go_before_entities():
    part = Mention(3, 4, "loc")
    found = with_names(Decoded(mentions=(ANN, BONN)), named((part, 0.6), (ROME, 0.4)), OPTIONS)
    assert found.mentions == (ANN, part)


def test_by_default_nothing_is_added():
    decoded = Decoded(mentions=(ANN,))
    assert with_names(decoded, named((ROME, 1.0)), DecodeOptions()) is decoded


@pytest.mark.parametrize("name", ["names_with_facts", "names_without_facts"])
@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_a_score_is_a_share(name, value):
    with pytest.raises(ValueError, match=rf"decoding.{name} must be in \[0, 1\]"):
        DecodeOptions(**{name: value})
