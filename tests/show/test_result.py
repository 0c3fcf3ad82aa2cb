from jmere import Entity, Extraction, Grounding, Quintuple, SceneGraph, SceneObject

HEAD, TAIL = Entity("A<b>", "per", 0, 4), Entity("C & D", "org", 9, 14)


def found(**fields):
    values = {
        "id": "<1>",
        "text": "A<b> and C & D",
        "quintuples": (Quintuple(HEAD, TAIL, "member_of", 0.875),),
        "entities": (HEAD, TAIL),
    }
    return Extraction(**(values | fields))


def test_a_result_shows_entities_and_quintuples_escaped():
    html = found()._repr_html_()
    assert "A&lt;b&gt;<sub> per</sub></mark> and <mark" in html
    assert "<td>member_of</td><td>C &amp; D</td><td>org</td><td>0.88</td>" in html
    assert "<1>" not in html
    assert "<script" not in html
    assert "<img" not in html


def test_overlapping_and_placeless_entities_leave_the_text_whole():
    inner, nowhere = Entity("b", "misc", 2, 3), Entity("Z", "per", -1, -1)
    html = found(entities=(HEAD, inner, nowhere), quintuples=())._repr_html_()
    assert html.count("<mark") == 1
    assert "</mark> and C &amp; D</p>" in html
    assert "no quintuple" in html


def test_the_picture_is_shown_with_its_boxes(tmp_path):
    from PIL import Image

    path = tmp_path / "a.png"
    Image.new("RGB", (900, 300), "white").save(path)
    scene = SceneGraph((SceneObject("dog", (10.0, 10.0, 200.0, 200.0), 0.9),))
    grounded = (Grounding(HEAD, 0, 0.5, 0.5),)
    html = found(image=str(path), scene_graph=scene, groundings=grounded)._repr_html_()
    assert html.count("data:image/png;base64,") == 1
    gone = found(image=str(tmp_path / "gone.png"), scene_graph=scene)._repr_html_()
    assert "<img" not in gone


def test_a_result_prints_in_a_line():
    printed = repr(found(text="word " * 10_000))
    assert len(printed) < 300
    assert "1 quintuples, 2 entities" in printed
