"""The tab that extracts from one post."""

import json

import pytest
from page_steps import FINALS, extract, png, rows


def asked(page, server, **post):
    """What the server says of the same post."""
    answer = page.request.post(f"{server}/v1/extract", data={"posts": [post]})
    return answer.json()["results"][0]


def marks(page):
    """Each marked entity: its words and its type."""
    shown = page.locator("#extract-result .post-text mark").all()
    return [(m.locator(".name").inner_text(), m.locator(".type").inner_text()) for m in shown]


def test_a_text_becomes_marks_arcs_and_a_table(page, server):
    extract(page, FINALS)
    found = asked(page, server, text=FINALS)
    assert found["quintuples"]
    assert marks(page) == [(each["text"], each["type"]) for each in found["entities"]]
    assert page.locator("#extract-result .arc").count() == len(found["quintuples"])
    expected = [
        [
            f"{each['head']['text']} {each['head']['type']}",
            each["relation"],
            f"{each['tail']['text']} {each['tail']['type']}",
            f"{each['score']:.2f}",
        ]
        for each in found["quintuples"]
    ]
    section = "section:has(h2:text-is('Quintuples'))"
    assert rows(page, f"#extract-result {section}") == expected


def test_an_arc_tells_relation_and_score_on_hover_and_focus(page):
    extract(page, FINALS)
    arc, hint = page.locator("#extract-result .arc").first, page.locator("#extract-result .hint")
    label = arc.get_attribute("aria-label")
    assert hint.is_hidden()
    arc.locator("text").first.hover()
    hint.wait_for()
    assert f"score {label.rsplit(' ', 1)[1]}" in hint.inner_text()
    page.mouse.move(5, 5)
    hint.wait_for(state="hidden")
    arc.focus()
    hint.wait_for()
    page.keyboard.press("Escape")
    hint.wait_for(state="hidden")


def test_arcs_stand_over_the_lines_they_join_at_any_width(page):
    extract(page, FINALS)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(150)
        frame = page.locator("#extract-result .post-text").bounding_box()
        for arc in page.locator("#extract-result .arc .line").all():
            box = arc.bounding_box()
            assert box["x"] >= frame["x"] - 3
            assert (
                box["x"] + box["width"] <= frame["x"] + frame["width"] + 3
            )  # half a stroke and its join
            assert box["y"] >= frame["y"] - 3


def test_offsets_count_characters_where_javascript_counts_halves(page):
    extract(page, f"🎬🎉 𝔘𝔫𝔦 {FINALS}")
    assert ("Klay Thompson", "per") in marks(page)


def test_a_picture_shows_boxes_and_what_is_grounded_in_them(page, server):
    extract(page, FINALS, picture=png())
    page.locator("#extract-result .picture canvas").wait_for()
    section = page.locator("#extract-result section", has_text="Scene graph").last
    labels = [each["label"] for each in _scene(page, server)["objects"]]
    assert labels
    boxes = page.locator("#extract-result .box")
    assert boxes.count() == len(labels)
    assert sorted(boxes.locator("text").all_text_contents()) == sorted(labels)
    assert section.locator("canvas").first.is_visible()

    page.locator("#extract-result .post-text mark [role=button]").first.hover()
    pointed = page.locator("#extract-result .box.pointed")
    pointed.first.wait_for()
    assert 0 < pointed.count() < len(labels)


def _scene(page, server):
    import base64

    image = base64.b64encode(png()["buffer"]).decode()
    return asked(page, server, text=FINALS, image=image)["scene_graph"]


def test_a_description_gives_a_scene_graph_without_a_picture(page):
    extract(page, FINALS, alt_text="two men in jerseys holding a trophy")
    scene = page.locator("#extract-result .scene-list")
    assert "men holding trophy" in scene.inner_text()
    assert page.locator("#extract-result .picture").count() == 0


def test_a_dropped_picture_is_taken(page):
    page.evaluate(
        """bytes => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "ball.png", {type: "image/png"}));
            document.querySelector("#text").dispatchEvent(
                new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true}));
        }""",
        list(png()["buffer"]),
    )
    page.locator(".drop.filled canvas").wait_for()
    assert "ball.png" in page.locator(".drop").first.inner_text()
    page.get_by_role("button", name="Remove").first.click()
    assert "ball.png" not in page.locator(".drop").first.inner_text()


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("notes.txt", 9, "notes.txt is not an image"),
        ("empty.png", 0, "empty.png is empty"),
        ("huge.png", 25 << 20, "huge.png is too large: 26.2 MB"),
    ],
)
def test_what_is_no_picture_is_refused_at_once(page, tmp_path, name, size, message):
    file = tmp_path / name
    with file.open("wb") as stream:
        stream.truncate(size)
    page.set_input_files("#picture-field input", files=file)
    assert message in page.get_by_role("alert").inner_text()
    assert page.locator(".drop.filled").count() == 0


def test_a_damaged_picture_is_told_and_the_text_still_read(page):
    file = {"name": "bad.png", "mimeType": "image/png", "buffer": b"not a png at all"}
    extract_button = page.get_by_role("button", name="Extract", exact=True)
    page.fill("#text", FINALS)
    page.set_input_files("#picture-field input", files=file)
    extract_button.click()
    page.locator("#extract-result .warnings").wait_for()
    assert page.get_by_role("alert").inner_text()
    assert page.locator("#extract-result .arc").count() > 0


def test_nothing_typed_is_an_error_in_words(page):
    page.get_by_role("button", name="Extract", exact=True).click()
    assert page.get_by_role("alert").inner_text() == "Type a text, or add a picture."


def test_errors_of_the_server_are_told_with_their_place(page, complaints):
    page.fill("#text", "a " * 20_000)
    page.get_by_role("button", name="Extract", exact=True).click()
    alert = page.locator("#extract-message.error")
    alert.wait_for()
    assert "posts[0].text: " in alert.inner_text()
    assert "20,000" in alert.inner_text()
    complaints.expect("422")


def test_a_server_that_is_gone_is_told(page, complaints):
    page.route("**/v1/extract", lambda route: route.abort())
    page.fill("#text", FINALS)
    page.get_by_role("button", name="Extract", exact=True).click()
    page.locator("#extract-message.error", has_text="cannot be reached").wait_for()
    complaints.expect("ERR_FAILED")


def test_a_key_is_asked_for_and_sent(page, complaints):
    sent = []

    def guard(route):
        sent.append(route.request.headers.get("authorization"))
        if sent[-1] == "Bearer right-key":
            route.continue_()
        else:
            error = {"error": {"code": "unauthorized", "message": "no valid API key", "where": ""}}
            route.fulfill(status=401, json=error)

    page.route("**/v1/extract", guard)
    page.fill("#text", FINALS)
    page.get_by_role("button", name="Extract", exact=True).click()
    page.get_by_role("dialog").wait_for()
    page.fill("#key", "right-key")
    page.keyboard.press("Enter")
    page.locator("#extract-result .arc").first.wait_for()
    assert sent == [None, "Bearer right-key"]
    complaints.expect("401")


HOSTILE = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>"


def test_hostile_texts_and_labels_stay_text(page):
    """Every text of a result is hostile, and none becomes an element."""
    head = {"text": HOSTILE, "start": 0, "end": len(HOSTILE), "type": HOSTILE}
    tail = {"text": "tail", "start": len(HOSTILE) + 1, "end": len(HOSTILE) + 5, "type": "__proto__"}
    result = {
        "id": HOSTILE,
        "text": f"{HOSTILE} tail \u202e {HOSTILE}",
        "entities": [head, tail],
        "quintuples": [{"head": head, "tail": tail, "relation": HOSTILE, "score": 0.5}],
        "scene_graph": {
            "objects": [{"label": HOSTILE, "box": [1, 1, 90, 90], "score": 0.5}, {"label": "x"}],
            "relations": [{"subject": 0, "predicate": HOSTILE, "object": 1}],
        },
        "groundings": [{"entity": 0, "object": 0, "plan": 0.5, "attention": 0.5}],
        "warnings": [HOSTILE],
    }
    answer = json.dumps({"results": [result]})
    page.route("**/v1/extract", lambda route: route.fulfill(body=answer))
    extract(page, HOSTILE, picture=png())
    page.locator("#extract-result .box").wait_for()
    for tab in ("batch", "graph", "correct"):
        page.click(f"#tab-{tab}")
        page.locator(f"#panel-{tab} tbody tr").first.wait_for()
    page.locator("#correct-posts button", has_text="Correct").click()
    page.locator("#correct-post form").first.wait_for()
    page.click("#tab-graph")
    page.locator("#edges button", has_text="Evidence").click()
    assert HOSTILE in page.locator("#evidence").inner_text()
    assert page.locator("img, body script").count() == 0
    assert page.locator("[onerror]").count() == 0
