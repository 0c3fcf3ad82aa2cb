"""The tabs with the graph and with the corrections, and what all tabs share."""

import json

import pytest
from page_steps import FINALS, as_lines, extract, rows, run_batch, saved

from jmere.data.jsonl import read_posts
from jmere.data.validate import problems
from jmere.tags import TagSet

POSTS = [
    {"id": "finals", "text": FINALS},
    {"id": "again", "text": "Stephen Curry and Klay Thompson at the NBA title"},
    {"id": "premiere", "text": "Emma Stone and Ryan Gosling at the Venice Film Festival"},
]

MIDDLE_OF_THE_EDGE = """() => {
  const network = document.querySelector("#network")._cyreg.cy;
  return network.edges()[0].renderedMidpoint();
}"""
"""Where Cytoscape.js drew the only edge, in pixels from the corner of its container."""


@pytest.fixture
def graph(page):
    run_batch(page, "posts.jsonl", as_lines(POSTS))
    page.click("#tab-graph")
    page.locator("#edges tbody tr").first.wait_for()
    return page


def facts(page):
    return {tuple(row[:3]) for row in rows(page, "#edges")}


CURRY, THOMPSON = "Stephen Curry per", "Klay Thompson per"


def test_the_graph_merges_posts_and_keeps_their_evidence(graph):
    edges = {tuple(row[:3]): row for row in rows(graph, "#edges")}
    assert edges[CURRY, "peer", THOMPSON][4] == "2"
    graph.locator("#network canvas").first.wait_for()
    line = graph.locator("#edges tbody tr", has_text="peer").filter(has_text="Stephen Curry")
    line.get_by_role("button", name="Evidence").click()
    evidence = graph.locator("#evidence")
    assert evidence.get_by_role("button").all_inner_texts() == ["again", "finals"]
    assert FINALS in evidence.inner_text()
    evidence.get_by_role("button", name="Open post finals").click()
    assert graph.locator("#extract-result .id").inner_text() == "finals"
    assert graph.locator("#text").input_value() == FINALS


def test_filters_leave_what_they_ask_for(graph):
    everything = facts(graph)
    assert (CURRY, "peer", THOMPSON) in everything

    graph.fill("#graph-search", "gosling")
    graph.locator("#edges tbody", has_text="Curry").wait_for(state="detached")
    assert facts(graph) < everything
    assert all("Ryan Gosling per" in fact for fact in facts(graph))

    graph.fill("#graph-search", "")
    graph.fill("#graph-posts", "2")
    graph.locator("#edges tbody", has_text="Gosling").wait_for(state="detached")
    assert all(row[4] == "2" for row in rows(graph, "#edges"))

    graph.fill("#graph-posts", "1")
    graph.locator("#graph-relations").get_by_label("peer").uncheck()
    graph.locator("#edges tbody", has_text="peer").wait_for(state="detached")
    assert facts(graph) == {fact for fact in everything if fact[1] != "peer"}

    graph.locator("#graph-relations").get_by_label("peer").check()
    graph.locator("#graph-types").get_by_label("per").uncheck()
    graph.locator("#edges tbody", has_text="Curry").wait_for(state="detached")

    graph.locator("#graph-types").get_by_label("per").check()
    graph.locator("#edges tbody", has_text="Curry").wait_for()
    graph.fill("#graph-score", "0.7")
    graph.wait_for_timeout(500)
    assert all(float(row[3]) >= 0.7 for row in rows(graph, "#edges"))


def test_a_click_on_an_edge_shows_its_evidence(page):
    extract(page, "Lionel Messi leaves Barcelona")
    page.click("#tab-graph")
    page.locator("#edges tbody tr").first.wait_for()
    assert len(rows(page, "#edges")) == 1
    page.locator("#network canvas").first.wait_for()
    evidence = page.locator("#evidence")
    for _ in range(50):  # the graph takes its place while the page is laid out
        page.locator("#network").click(position=page.evaluate(MIDDLE_OF_THE_EDGE))
        if "Lionel Messi" in evidence.inner_text():
            break
        page.wait_for_timeout(200)
    assert "Lionel Messi leaves Barcelona" in evidence.inner_text()


def test_corrections_become_a_file_to_train_on(page, tmp_path):
    extract(page, FINALS, alt_text="two men holding a trophy")
    page.get_by_role("button", name="Correct this result").click()
    page.locator("#correct-post form").first.wait_for()
    assert page.locator("#annotation-download").is_disabled()

    page.get_by_label("Type of NBA").select_option("misc")
    page.get_by_label("Stephen Curry peer Klay Thompson is wrong").check()
    entity = page.get_by_role("form", name="Add an entity")
    entity.get_by_label("Words of the text").fill("Golden State Warr")
    entity.get_by_label("Type").select_option("org")
    entity.get_by_role("button").click()
    relation = page.get_by_role("form", name="Add a relation")
    relation.get_by_label("Head").select_option(label="NBA (misc)")
    relation.get_by_label("Relation").select_option("contain")
    relation.get_by_label("Tail").select_option(label="Golden State Warriors (org)")
    relation.get_by_role("button").click()
    page.locator("#correct-post tr", has_text="Golden State Warriors").last.wait_for()

    path = tmp_path / "annotations.jsonl"
    path.write_bytes(saved(page, lambda: page.click("#annotation-download")))
    assert [str(each) for each in problems(path, TagSet.load())] == []
    (post,) = read_posts(path, tags=TagSet.load(), gold=True)
    found = {(q.head.text, q.relation, q.tail.text) for q in post.quintuples}
    assert ("NBA", "contain", "Golden State Warriors") in found
    assert ("Stephen Curry", "member_of", "Golden State Warriors") in found
    assert ("Stephen Curry", "peer", "Klay Thompson") not in found
    kinds = {entity.text: entity.type for entity in post.all_entities()}
    assert kinds["NBA"] == "misc"
    assert not {"Warriors", "Golden State"} & kinds.keys()
    assert post.alt_text == "two men holding a trophy"


def test_selected_words_become_an_entity_at_their_own_place(page):
    extract(page, "🎬 Bonn and Bonn, says Klay Thompson of the NBA")
    page.get_by_role("button", name="Correct this result").click()
    page.locator("#correct-text").wait_for()
    page.evaluate(
        """() => {
            const walk = document.createTreeWalker(
                document.querySelector("#correct-text"), NodeFilter.SHOW_TEXT);
            const nodes = [];
            while (walk.nextNode()) nodes.push(walk.currentNode);
            const last = nodes.filter(node => node.data.includes("says")).pop();
            const range = document.createRange();
            range.setStart(last, last.data.indexOf("ays"));
            range.setEnd(last, last.data.indexOf("says") + 5);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }"""
    )
    words = page.get_by_label("Words of the text")
    page.wait_for_timeout(100)
    assert words.input_value() == "says"
    page.get_by_role("button", name="Add entity").click()
    page.locator("#correct-post").get_by_label("Type of says").wait_for()
    (line,) = saved(page, lambda: page.click("#annotation-download")).splitlines()
    post = json.loads(line)
    spans = {post["text"][each["start"] : each["end"]] for each in post["entities"]}
    assert "says" in spans


def test_a_right_post_counts_once_it_is_checked(page, tmp_path):
    extract(page, FINALS)
    page.get_by_role("button", name="Correct this result").click()
    page.get_by_label("Checked: this post is right").check()
    path = tmp_path / "annotations.jsonl"
    path.write_bytes(saved(page, lambda: page.click("#annotation-download")))
    (post,) = read_posts(path, gold=True)
    assert {q.relation for q in post.quintuples} >= {"peer", "member_of"}


def test_a_correction_changes_the_graph(graph):
    graph.click("#tab-correct")
    graph.get_by_role("button", name="Correct premiere").click()
    graph.get_by_label("Ryan Gosling is no entity").check()
    graph.click("#tab-graph")
    graph.locator("#edges tbody", has_text="Gosling").wait_for(state="detached")
    assert (CURRY, "peer", THOMPSON) in facts(graph)
