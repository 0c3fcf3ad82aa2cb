import importlib.util
from pathlib import Path

import pytest
import spacy
from spacy.training import Example
from thinc.api import NumpyOps, get_current_ops, use_ops

from jmere.inputs.graph_config import GraphConfig
from jmere.tags import OTHER, Vocabulary
from jmere.text.dependency import dependency_types, dependency_vocabulary
from jmere.text.parser import BUNDLED, POS_NAMES, Parser, _bundled
from jmere.text.words import join, split

TEXTS = [
    "RT @nasa : The rover landed on Mars . #space https://t.co/x",
    "",
    "Paris",
    "#one #two",
    "I don ' t know , the # NBA is great . Ask @ann",
    "LeBron James and Kevin Love of the Cleveland Cavaliers at the White House",
    "😂 \u200b ! ? # @",
]


@pytest.fixture(scope="module")
def parser():
    return Parser.load()


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """Folder of a spaCy pipeline that learnt two sentences in one text."""
    nlp = spacy.blank("en")
    nlp.add_pipe("parser", config={"min_action_freq": 1})
    parts = {"heads": [1, 1, 3, 3], "deps": ["nsubj", "ROOT"] * 2, "sent_starts": [1, 0, 1, 0]}
    examples = [Example.from_dict(nlp.make_doc("Ann ran Bob slept"), parts)]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(30):
        nlp.update(examples, sgd=optimizer)
    folder = tmp_path_factory.mktemp("models") / "foreign"
    nlp.to_disk(folder)
    return folder


def test_a_sentence_is_read_as_a_person_would(parser):
    (graph,) = parser.parse([split("The president of Peru visited a museum and met his wife.")])

    assert graph.words == (
        *["The", "president", "of", "Peru", "visited", "a", "museum", "and", "met", "his", "wife"],
        ".",
    )
    assert graph.pos == (
        *("DET", "NOUN", "ADP", "PROPN", "VERB", "DET", "NOUN"),
        *("CCONJ", "VERB", "PRON", "NOUN", "PUNCT"),
    )
    assert graph.heads == (1, 4, 3, 1, 4, 6, 4, 8, 4, 10, 8, 4)
    assert graph.labels == (
        *("det", "nsubj", "case", "nmod", "root", "det", "obj"),
        *("cc", "conj", "nmod", "obj", "punct"),
    )


@pytest.mark.parametrize("one_tree", [False, True])
def test_words_are_kept_and_every_post_is_a_forest(parser, one_tree):
    graphs = parser.parse([join(text.split(" ")) for text in TEXTS], one_tree=one_tree)

    for text, graph in zip(TEXTS, graphs, strict=True):
        size = len(graph.words)
        assert graph.words == tuple(text.split(" "))
        assert size == len(graph.pos) == len(graph.heads) == len(graph.labels)
        top = list(range(size))
        for _ in range(size):
            top = [graph.heads[place] for place in top]
        assert all(graph.heads[place] == place for place in top)
        assert all(
            (label == "root") == (i == graph.heads[i]) for i, label in enumerate(graph.labels)
        )
        assert not one_tree or len(set(top)) == 1


def test_a_text_without_words_has_an_empty_graph(parser):
    assert parser.parse([]) == []
    assert parser.parse([join([])])[0].words == ()


def test_a_post_alone_has_the_graph_it_has_in_company(parser):
    texts = [split(text) for text in TEXTS]

    assert parser.parse(texts) == [parser.parse([text])[0] for text in texts]


def test_the_vocabulary_covers_what_the_parser_gives(parser):
    graphs = parser.parse([split(text) for text in TEXTS])
    edges, pos = dependency_vocabulary(parser.dependency_names), Vocabulary(parser.pos_names)

    assert not (dependency_types(graphs, edges) == OTHER).any()
    assert {name for graph in graphs for name in graph.pos} <= set(pos.names)
    assert len(POS_NAMES) == 17
    assert {"nsubj", "obj", "compound", "flat", "conj", "discourse"} <= set(edges.names)
    assert "ROOT" not in edges.names


def test_the_bundled_parser_is_small_free_of_pickle_and_licensed():
    files = [file for file in BUNDLED.rglob("*") if file.is_file()]

    assert sum(file.stat().st_size for file in files) <= 12_000_000
    assert not [file for file in files if file.suffix in {".pkl", ".pickle", ".pt", ".bin"}]
    notice = (BUNDLED / "NOTICE").read_text(encoding="utf-8")
    assert "CC BY-SA 4.0" in notice
    assert "English Web Treebank" in notice


def test_a_foreign_pipeline_may_give_several_trees(foreign):
    parser = Parser.load(foreign)
    texts = [join(["Ann", "ran", "Bob", "slept", "#fun"])]

    (several,), (one,) = parser.parse(texts), parser.parse(texts, one_tree=True)

    assert parser.name == str(foreign)
    assert several.pos == ("X",) * 5
    assert several.heads == (1, 1, 3, 3, 3)
    assert several.labels == ("nsubj", "root", "nsubj", "root", "discourse")
    assert one.heads == (1, 1, 3, 1, 3)
    assert one.labels == ("nsubj", "root", "nsubj", "parataxis", "discourse")


@pytest.mark.skipif(
    importlib.util.find_spec("en_core_web_sm") is None, reason="needs the model en_core_web_sm"
)
def test_an_installed_model_is_found_by_name():
    (graph,) = Parser.load("en_core_web_sm").parse([split("Ann visited Paris.")])

    assert graph.pos[:3] == ("PROPN", "VERB", "PROPN")


def test_loading_leaves_spacy_as_it_was():
    with use_ops("numpy", use_blis=True):
        Parser.load()
        ops = get_current_ops()
        assert isinstance(ops, NumpyOps)
        assert ops.use_blis


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("en_core_web_trf", r"python -m spacy download en_core_web_trf"),
        ("org/en_posts", r"models are not downloaded from the Hub: .* pip .*'en_posts'"),
        ("./parsers/en_core_web_trf", r"no such folder; expected a spaCy model's folder"),
        ("/models/parser", r"no such folder; expected a spaCy model's folder"),
        (Path("parsers"), r"no such folder; expected a spaCy model's folder"),
        ("bundeld", r"the bundled parser is 'bundled'"),
    ],
)
def test_the_advice_for_a_missing_model_fits_its_name(name, advice):
    with pytest.raises(FileNotFoundError, match=advice) as caught:
        Parser.load(name)
    assert ("spacy download" in str(caught.value)) == (name == "en_core_web_trf")


def test_the_bundled_parser_has_a_name():
    assert Parser.load("bundled").name == "bundled"
    assert GraphConfig(parser="bundled") == GraphConfig()


def test_a_bundled_parser_that_is_gone_is_an_error_in_a_line(tmp_path, monkeypatch):
    _bundled.cache_clear()
    monkeypatch.setattr("jmere.text.parser.BUNDLED", tmp_path / "gone")
    with pytest.raises(FileNotFoundError, match=r"gone: the bundled parser is missing or damaged"):
        Parser.load()


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"not a spaCy model"):
        Parser.load(tmp_path)


def test_a_model_without_parser_is_refused(tmp_path):
    spacy.blank("en").to_disk(tmp_path / "blank")

    with pytest.raises(ValueError, match=r"blank: this spaCy model has no parser.*: none"):
        Parser.load(Path(tmp_path / "blank"))
