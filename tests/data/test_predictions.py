import json
from dataclasses import replace

import pytest

from jmere.data.jsonl import post_to_json
from jmere.data.predictions import (
    extraction_from_json,
    extraction_to_json,
    read_predictions,
    write_predictions,
)
from jmere.errors import DataError
from jmere.records import (
    Entity,
    Extraction,
    Grounding,
    Post,
    Quintuple,
    SceneGraph,
    SceneObject,
)

ANN, OSLO = Entity("Ann", "per", 0, 3), Entity("Oslo", "loc", 7, 11)
FOUND = Extraction(
    id="p", text="Ann in Oslo", quintuples=(Quintuple(ANN, OSLO, "place_of_birth", 0.75),),
    entities=(ANN, OSLO), image="a.jpg", warnings=("windowed",),
)  # fmt: skip


def surface(text, kind):
    return {"text": text, "type": kind}


def test_an_extraction_written_and_read_is_the_same():
    again = extraction_from_json(json.loads(json.dumps(extraction_to_json(FOUND))))

    assert again == FOUND
    assert again.quintuples[0].score == 0.75
    assert again.quintuples[0].head.text == "Ann"


def test_what_is_seen_in_boxes_is_written_with_the_entities_found_there():
    scene = SceneGraph((SceneObject("cup", (1.0, 2.0, 3.0, 4.0), 0.5), SceneObject("person")))
    grounded = replace(FOUND, scene_graph=scene, groundings=(Grounding(OSLO, 1, 0.75, 0.5),))
    line = json.loads(json.dumps(extraction_to_json(grounded)))
    assert line["groundings"] == [{"entity": 1, "object": 1, "plan": 0.75, "attention": 0.5}]
    assert extraction_from_json(line) == grounded

    blind = replace(grounded, scene_graph=SceneGraph(), groundings=())
    assert not {"scene_graph", "groundings"} & extraction_to_json(blind).keys()

    line["groundings"] = [{"entity": 2, "object": -1, "plan": 2, "attention": 0.5}]
    with pytest.raises(ValueError, match="entity: there is no entity 2 among 2") as caught:
        extraction_from_json(line)
    assert "object: there is no object -1 among 2" in str(caught.value)
    assert "plan: expected a number from 0 to 1, got 2" in str(caught.value)


def test_the_line_of_an_extraction_can_be_read_alone():
    assert extraction_to_json(FOUND)["quintuples"] == [
        {
            "head": {"text": "Ann", "start": 0, "end": 3, "type": "per"},
            "tail": {"text": "Oslo", "start": 7, "end": 11, "type": "loc"},
            "relation": "place_of_birth",
            "score": 0.75,
        }
    ]


def test_text_may_stand_in_place_of_offsets():
    line = {
        "id": "p",
        "quintuples": [
            {"head": surface("Ann", "per"), "tail": surface("Bob", "per"), "relation": "peer"}
        ],
    }

    found = extraction_from_json(line)

    [quintuple] = found.quintuples
    assert [(end.text, end.start, end.end) for end in (quintuple.head, quintuple.tail)] == [
        ("Ann", -1, -1), ("Bob", -1, -1),
    ]  # fmt: skip
    assert [entity.text for entity in found.entities] == ["Ann", "Bob"]
    assert extraction_to_json(found)["quintuples"] == line["quintuples"]


def test_gold_posts_pass_for_predictions():
    post = Post(tokens=["Ann", "in", "Oslo"], id="p", alt_text="x", quintuples=FOUND.quintuples)

    found = extraction_from_json(post_to_json(post))

    assert (found.text, found.quintuples) == (post.text, post.quintuples)
    assert found.entities == (ANN, OSLO)


def test_offsets_without_a_text_are_taken_on_trust():
    found = extraction_from_json({"entities": [{"start": 5, "end": 9, "type": "per"}]})

    assert found.entities == (Entity("", "per", 5, 9),)


def test_a_faulty_line_is_told_and_the_next_one_read(tmp_path):
    path, told = tmp_path / "found.jsonl", []
    lines = [
        {"text": "a"},
        {"id": "p", "entities": [{"type": "per"}]},
        {"id": "q", "score": 1},
        {"id": "r"},
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    found = list(read_predictions(path, on_problem=told.append))

    assert [each.id for each in found] == ["r"]
    assert [(problem.line, problem.message) for problem in told] == [
        (1, "missing 'id'"),
        (2, "entities[0]: start: missing"),
        (2, "entities[0]: end: missing"),
        (3, "unknown key 'score'; known: alt_text, alt_texts, author, entities, groundings, id, "
            "image, kept, language, model, names, quintuples, scene_graph, schema_version, text, "
            "time, tokens, url, warnings"),
    ]  # fmt: skip
    with pytest.raises(DataError, match=r"found\.jsonl:1: missing 'id'"):
        list(read_predictions(path))


def test_every_line_says_its_version_and_a_later_one_is_refused():
    line = extraction_to_json(FOUND)
    assert line["schema_version"] == 1
    with pytest.raises(
        ValueError, match=r"^schema_version: 2 is of a later jmere; this one reads 1"
    ):
        extraction_from_json({**line, "schema_version": 2, "unheard": "of"})
    with pytest.raises(ValueError, match=r"^schema_version: expected 1, got 'one'"):
        extraction_from_json({**line, "schema_version": "one"})


def test_of_our_own_lines_the_entities_are_kept_as_they_are():
    bare = replace(FOUND, entities=())
    assert Extraction.from_dict(bare.to_dict()) == bare
    assert extraction_from_json({"quintuples": bare.to_dict()["quintuples"]}).entities == (
        ANN,
        OSLO,
    )


def test_a_grounding_needs_its_entity_to_be_written():
    scene = SceneGraph((SceneObject("cup"),))
    stray = replace(
        FOUND, scene_graph=scene, groundings=(Grounding(Entity("x", "per", 1, 2), 0, 1, 1),)
    )
    with pytest.raises(ValueError, match="which is not among the entities"):
        stray.to_dict()


def test_a_whole_number_is_an_id():
    assert extraction_from_json({"id": 7}).id == "7"


def test_written_predictions_are_read_again(tmp_path):
    found = [Extraction("1", "Bonn wins", (), ()), Extraction("2", "Rome", (), ())]
    assert write_predictions(tmp_path / "p.jsonl", found) == 2
    assert list(read_predictions(tmp_path / "p.jsonl")) == found


ORIGIN = {
    "time": "2024-05-01T10:00:00Z",
    "author": "ann",
    "url": "https://e.org/1",
    "language": "en",
}


def test_the_origin_of_a_post_and_the_model_stay_with_its_result(tmp_path):
    path = tmp_path / "found.jsonl"
    value = {"id": "1", "text": "Bonn", "quintuples": [], "model": "small", **ORIGIN}
    path.write_text(json.dumps(value), encoding="utf-8")
    (found,) = read_predictions(path)
    assert (found.time, found.author, found.url, found.language) == tuple(ORIGIN.values())
    assert Extraction.from_dict(found.to_dict()) == found
    assert found.to_dict()["model"] == "small"


def test_a_quintuple_read_in_the_picture_has_boxes_in_place_of_offsets():
    ends = {
        key: {"text": text, "type": "per", "box": [1, 2, 30, 40]}
        for key, text in (("head", "Ann"), ("tail", "Bob"))
    }
    quintuple = {**ends, "relation": "peer", "score": 0.5, "source": "picture"}
    found = extraction_from_json({"id": "1", "text": "", "quintuples": [quintuple]})
    (read,) = found.quintuples
    assert (read.source, read.head.box, read.head.start) == ("picture", (1, 2, 30, 40), -1)
    assert found.to_dict()["quintuples"] == [quintuple]
    assert Extraction.from_dict(found.to_dict()) == found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": "sky"}, "source: expected 'text' or 'picture', got 'sky'"),
        ({"head": {"text": "A", "type": "per", "box": [1, 2]}}, r"head: box: expected \[x0, y0"),
    ],
)
def test_a_wrong_source_or_box_is_told(change, message):
    end = {"text": "Ann", "type": "per"}
    value = {"head": end, "tail": {**end, "text": "Bob"}, "relation": "peer", **change}
    with pytest.raises(ValueError, match=message):
        extraction_from_json({"id": "1", "quintuples": [value], "text": ""})


@pytest.mark.parametrize(("given", "text"), [(1714557600, "1714557600"), (1.5, "1.5")])
def test_a_time_may_be_a_number(given, text):
    assert extraction_from_json({"text": "", "time": given}).time == text


@pytest.mark.parametrize("given", [True, [], " ", {}])
def test_an_author_that_is_no_name_is_told(given):
    with pytest.raises(ValueError, match="author: expected"):
        extraction_from_json({"text": "", "author": given})
