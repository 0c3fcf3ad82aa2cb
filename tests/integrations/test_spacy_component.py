from importlib.metadata import EntryPoint
from pathlib import Path

import spacy
from spacy import displacy
from spacy.tokens import Doc

from jmere import Extractor
from jmere.integrations.spacy_component import JmereComponent, make_component

TEXTS = ["Lionel Messi leaves Barcelona", "", "\N{GRINNING FACE} Ann,lives in Bonn.", "!"]


def pipeline(**config):
    nlp = spacy.blank("en")
    nlp.add_pipe("jmere", config=config)
    return nlp


def test_a_document_has_what_the_extractor_finds():
    doc, found = pipeline()(TEXTS[0]), Extractor.from_pretrained().extract(TEXTS[0])
    assert doc._.quintuples == found.quintuples
    assert [each.score for each in doc._.quintuples] == [each.score for each in found.quintuples]
    assert [(span.start_char, span.end_char, span.label_) for span in doc.spans["jmere"]] == [
        (each.start, each.end, each.type) for each in found.entities
    ]


def test_pipe_is_as_one_by_one():
    nlp = pipeline(batch_size=3)
    for doc, text in zip(nlp.pipe(TEXTS), TEXTS, strict=True):
        alone = nlp(text)
        assert doc.text == text
        assert doc._.quintuples == alone._.quintuples
        assert [str(span) for span in doc.spans["jmere"]] == [
            str(span) for span in alone.spans["jmere"]
        ]


def test_config_sets_the_key_and_the_score():
    doc = pipeline(spans_key="mine", min_score=1.0)(TEXTS[0])
    assert doc._.quintuples == ()
    assert [span.label_ for span in doc.spans["mine"]] == ["per", "org"]


def test_a_pipeline_is_stored_with_its_model(tmp_path):
    nlp = pipeline(min_score=0.1)
    nlp.to_disk(tmp_path / "disk")
    again = spacy.load(tmp_path / "disk")
    packed = spacy.blank("en")
    packed.add_pipe("jmere", config={"model": "no/such"})
    packed.from_bytes(nlp.to_bytes())
    for other in (again, packed):
        component = other.get_pipe("jmere")
        assert isinstance(component, JmereComponent)
        assert component.min_score == 0.1
        assert other(TEXTS[0])._.quintuples == nlp(TEXTS[0])._.quintuples != ()


def test_a_document_is_stored_with_its_quintuples():
    nlp = pipeline()
    doc = nlp(TEXTS[0])
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert again._.quintuples == doc._.quintuples
    assert [span.label_ for span in again.spans["jmere"]] == ["per", "org"]


def test_displacy_renders_the_entities():
    page = displacy.render(
        pipeline()(TEXTS[0]), style="span", options={"spans_key": "jmere"}, jupyter=False
    )
    assert "per" in page
    assert "Barcelona" in page


def test_the_factory_is_an_entry_point():
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert 'jmere = "jmere.integrations.spacy_component:make_component"' in project
    assert (
        EntryPoint(
            "jmere", "jmere.integrations.spacy_component:make_component", "spacy_factories"
        ).load()
        is make_component
    )


def test_the_description_of_a_picture_counts():
    nlp = pipeline()
    doc = nlp.make_doc(TEXTS[0])
    doc._.alt_text = "a man with a ball"
    (found,) = nlp.get_pipe("jmere").pipe([doc])
    plain = nlp(TEXTS[0])
    assert [each.score for each in found._.quintuples] != [
        each.score for each in plain._.quintuples
    ]


def test_the_function_is_what_the_registry_calls():
    assert make_component(spacy.blank("en"), "x", "default", 8, 0.0, "k").batch_size == 8
