import pytest

from jmere.records import SceneGraph, SceneObject, TextGraph
from jmere.scenes.caption.caption_graph import participle, scene_from_caption
from jmere.text.words import Words, split

HAT = """
    a/DET/2/det man/NOUN/5/nsubj is/AUX/5/aux seen/ADJ/2/amod wearing/VERB/0/root
    a/DET/8/det red/ADJ/8/amod hat/NOUN/5/obj
"""


def read(tagged: str) -> tuple[Words, TextGraph]:
    """Words written as word/pos/head/label, heads counted from 1 and 0 for a root."""
    rows = [word.rsplit("/", 3) for word in tagged.split()]
    words = split(" ".join(row[0] for row in rows))
    assert words.words == tuple(row[0] for row in rows)
    heads = tuple(int(row[2]) - 1 if row[2] != "0" else place for place, row in enumerate(rows))
    graph = TextGraph(
        words=words.words,
        pos=tuple(row[1] for row in rows),
        heads=heads,
        labels=tuple(row[3] for row in rows),
    )
    return words, graph


def scene_of(tagged: str) -> SceneGraph:
    return scene_from_caption(*read(tagged))


def labels(tagged: str) -> list[str]:
    return [item.label for item in scene_of(tagged).objects]


def relations(tagged: str) -> set[str]:
    scene = scene_of(tagged)
    names = [item.label for item in scene.objects]
    return {f"{names[r.subject]} | {r.predicate} | {names[r.object]}" for r in scene.relations}


def test_a_subject_is_related_to_its_object_by_the_verb():
    assert labels(HAT) == ["man", "hat"]
    assert relations(HAT) == {"man | wearing | hat"}


@pytest.mark.parametrize(
    ("tagged", "expected"),
    [
        pytest.param(
            "a/DET/2/det woman/NOUN/3/nsubj sits/VERB/0/root on/ADP/6/case a/DET/6/det "
            "bench/NOUN/3/obl",
            {"woman | sitting on | bench"},
            id="verb and preposition",
        ),
        pytest.param(
            "man/NOUN/0/root holding/VERB/1/acl cup/NOUN/2/obj in/ADP/5/case bar/NOUN/2/obl",
            {"man | holding | cup", "man | in | bar"},
            id="object and place",
        ),
        pytest.param(
            "man/NOUN/0/root with/ADP/3/case hat/NOUN/1/nmod",
            {"man | with | hat"},
            id="preposition",
        ),
        pytest.param(
            "trophy/NOUN/0/root held/VERB/1/acl by/ADP/5/case the/DET/5/det man/NOUN/2/obl",
            {"trophy | held by | man"},
            id="passive participle",
        ),
        pytest.param(
            "man/NOUN/4/nsubj in/ADP/3/case suit/NOUN/1/nmod standing/VERB/0/root in/ADP/6/case "
            "front/NOUN/4/obl of/ADP/9/case a/DET/9/det car/NOUN/6/nmod",
            {"man | in | suit", "man | standing in front of | car"},
            id="preposition with a noun inside",
        ),
        pytest.param(
            "man/NOUN/0/root next/ADV/4/advmod to/ADP/4/case car/NOUN/1/nmod",
            {"man | next to | car"},
            id="preposition with an adverb inside",
        ),
        pytest.param(
            "man/NOUN/0/root because/ADP/4/case of/ADP/2/fixed car/NOUN/1/nmod",
            {"man | because of | car"},
            id="fixed preposition",
        ),
        pytest.param(
            "the/DET/2/det man/NOUN/4/nmod 's/PART/2/case hat/NOUN/0/root",
            {"hat | of | man"},
            id="owner",
        ),
        pytest.param(
            "liverpool/PROPN/2/compound players/NOUN/0/root",
            {"players | of | liverpool"},
            id="name beside a common noun",
        ),
        pytest.param(
            "man/NOUN/4/nsubj and/CCONJ/3/cc woman/NOUN/1/conj ride/VERB/0/root bikes/NOUN/4/obj",
            {"man | and | woman", "man | ride | bikes", "woman | ride | bikes"},
            id="conjuncts share a verb",
        ),
        pytest.param(
            "man/NOUN/2/nsubj sits/VERB/0/root and/CCONJ/4/cc holds/VERB/2/conj dog/NOUN/4/obj",
            {"man | holding | dog"},
            id="conjoined verbs share a subject",
        ),
        pytest.param(
            "man/NOUN/0/root who/PRON/3/nsubj wears/VERB/1/acl hat/NOUN/3/obj",
            {"man | wearing | hat"},
            id="relative clause about the subject",
        ),
        pytest.param(
            "hat/NOUN/0/root that/PRON/4/obj man/NOUN/4/nsubj wears/VERB/1/acl",
            {"man | wearing | hat"},
            id="relative clause about the object",
        ),
        pytest.param(
            "there/PRON/2/expl is/VERB/0/root man/NOUN/2/nsubj on/ADP/5/case stage/NOUN/2/obl",
            {"man | on | stage"},
            id="there is",
        ),
        pytest.param(
            "man/NOUN/5/nsubj is/AUX/5/cop on/ADP/5/case the/DET/5/det stage/NOUN/0/root",
            {"man | on | stage"},
            id="copula and preposition",
        ),
        pytest.param(
            "McCain/PROPN/4/nsubj is/AUX/4/cop a/DET/4/det senator/NOUN/0/root",
            {"mccain | is | senator"},
            id="copula",
        ),
        pytest.param(
            "McCain/PROPN/0/root ,/PUNCT/4/punct the/DET/4/det senator/NOUN/1/appos",
            {"mccain | is | senator"},
            id="apposition",
        ),
        pytest.param(
            "man/NOUN/2/nsubj holds/VERB/0/root up/ADP/2/compound trophy/NOUN/2/obj",
            {"man | holding up | trophy"},
            id="particle",
        ),
    ],
)
def test_grammar_gives_relations(tagged: str, expected: set[str]):
    assert relations(tagged) == expected


def test_a_name_is_one_object():
    senator = "Senator/NOUN/2/compound John/PROPN/0/root McCain/PROPN/2/flat"
    assert labels(senator) == ["senator john mccain"]


def test_a_hyphen_inside_a_word_stays_there():
    words, graph = read("t/NOUN/3/compound -/PUNCT/3/punct shirt/NOUN/0/root")
    touching = Words("T-shirt", words.words, ((0, 1), (1, 2), (2, 7)))
    assert scene_from_caption(touching, graph).objects == (SceneObject("t-shirt"),)
    assert labels("obama/NOUN/3/compound -/PUNCT/3/punct photo/NOUN/0/root") == ["obama", "photo"]


def test_adjectives_of_kind_stay_and_those_of_looks_go():
    assert labels("american/ADJ/2/amod flag/NOUN/0/root") == ["american flag"]
    assert labels("large/ADJ/3/amod red/ADJ/3/amod flag/NOUN/0/root") == ["flag"]
    assert labels("White/ADJ/2/amod House/PROPN/0/root") == ["white house"]


def test_a_name_that_never_ends_is_cut():
    assert labels("ha/PROPN/3/compound ha/PROPN/3/compound ha/PROPN/0/root") == ["ha"]
    letters = [f"{letter}/PROPN/8/compound" for letter in "abcdefg"]
    assert labels(" ".join([*letters, "h/PROPN/0/root"]))[-1] == "c d e f g h"


def test_a_participle_after_a_garment_is_about_its_wearer():
    tagged = """
        man/NOUN/0/root in/ADP/3/case suit/NOUN/1/nmod holding/VERB/3/acl cup/NOUN/4/obj
    """
    assert relations(tagged) == {"man | in | suit", "man | holding | cup"}


def test_a_noun_before_a_verb_is_no_part_of_it():
    people = "people/NOUN/2/compound posing/NOUN/0/root for/ADP/4/case camera/NOUN/2/obl"
    assert relations(people) == {"people | posing for | camera"}
    scarf = """
        man/NOUN/0/root in/ADP/4/case scarf/NOUN/4/compound stands/VERB/1/nmod on/ADP/6/case
        stage/NOUN/4/obl
    """
    assert relations(scarf) == {"man | in | scarf", "man | standing on | stage"}
    group = """
        group/NOUN/0/root of/ADP/4/case people/NOUN/4/compound waving/VERB/1/acl flags/NOUN/4/obj
    """
    assert relations(group) == {"people | waving | flags"}


def test_a_noun_with_a_subject_and_no_copula_is_a_verb():
    tagged = "McCain/PROPN/2/nsubj speaks/NOUN/0/root with/ADP/4/case Obama/PROPN/2/obl"
    assert relations(tagged) == {"mccain | speaking with | obama"}


def test_a_verb_where_only_a_noun_can_be_is_one():
    assert labels("tree/NOUN/0/root with/ADP/3/case leaves/VERB/1/nmod") == ["tree", "leaves"]
    assert labels("suit/NOUN/0/root and/CCONJ/3/cc hat/VERB/1/conj") == ["suit", "hat"]
    assert labels("he/PRON/2/nsubj runs/VERB/0/root") == []


def test_words_for_a_picture_or_a_group_give_way_to_what_they_are_of():
    tagged = """
        a/DET/2/det photo/NOUN/0/root of/ADP/5/case a/DET/5/det group/NOUN/2/nmod
        of/ADP/7/case people/NOUN/5/nmod wearing/VERB/5/acl hats/NOUN/8/obj
    """
    assert labels(tagged) == ["people", "hats"]
    assert relations(tagged) == {"people | wearing | hats"}


def test_a_photo_of_nothing_is_an_object():
    assert labels("a/DET/2/det photo/NOUN/0/root") == ["photo"]


def test_pronouns_addresses_and_signs_are_no_objects():
    assert labels("he/PRON/2/nsubj holds/VERB/0/root it/PRON/2/obj") == []
    assert labels("https://t.co/x/PROPN/0/root") == []
    assert labels("$/NOUN/0/root") == []
    assert labels("man/NOUN/0/root in/ADP/4/case the/DET/4/det background/NOUN/1/nmod") == ["man"]
    assert labels("man/NOUN/2/nsubj poses/VERB/0/root for/ADP/4/case photo/NOUN/2/obl") == ["man"]


def test_repeated_names_and_listed_nouns_are_one_object_and_other_nouns_are_two():
    assert labels("Obama/PROPN/0/root ,/PUNCT/3/punct Obama/PROPN/1/conj") == ["obama"]
    assert relations("Obama/PROPN/0/root ,/PUNCT/3/punct Obama/PROPN/1/conj") == set()
    assert labels("man/NOUN/0/root and/CCONJ/3/cc man/NOUN/1/conj") == ["man"]
    assert labels("man/NOUN/0/root near/ADP/3/case man/NOUN/1/nmod") == ["man", "man"]


def test_an_empty_caption_has_no_objects():
    assert scene_from_caption(split(""), TextGraph((), (), (), ())) == SceneGraph()


def test_a_deep_chain_of_clauses_and_a_long_list_stay_cheap():
    n = 1000
    chain = [f"go/VERB/{place}/advcl" for place in range(1, n)]
    assert relations(" ".join(["go/VERB/0/root", *chain])) == set()
    conjuncts = [f"cat{place}/NOUN/{n + 1}/conj" for place in range(n)]
    scene = scene_of(" ".join([*conjuncts, "cat/NOUN/0/root"]))
    assert len(scene.objects) == n + 1
    assert len(scene.relations) <= 10


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("sits", "sitting"),
        ("holds", "holding"),
        ("rides", "riding"),
        ("carries", "carrying"),
        ("lies", "lying"),
        ("watches", "watching"),
        ("plays", "playing"),
        ("sees", "seeing"),
        ("goes", "going"),
        ("has", "having"),
        ("dress", "dress"),
        ("held", "held"),
        ("wearing", "wearing"),
    ],
)
def test_third_persons_become_participles(verb: str, expected: str):
    assert participle(verb) == expected
