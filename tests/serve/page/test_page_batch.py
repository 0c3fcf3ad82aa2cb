"""The tab that extracts from a file."""

import gzip
import json

import pytest
from page_steps import FINALS, as_lines, run_batch, saved

LARGE = 320


def turtle_labels(path):
    rdflib = pytest.importorskip("rdflib")
    return {str(label) for label in rdflib.Graph().parse(path).objects(None, rdflib.RDFS.label)}


def jsonld_labels(path):
    things = json.loads(path.read_text(encoding="utf-8"))["@graph"]
    return {value["@value"] for each in things for value in each.get("rdfs:label", [])}


def graphml_labels(path):
    nodes = pytest.importorskip("networkx").read_graphml(path).nodes("label")
    return {label for _, label in nodes}


LABELS = {"ttl": turtle_labels, "jsonld": jsonld_labels, "graphml": graphml_labels}


def test_a_file_of_posts_gives_results_and_a_graph(page):
    posts = [{"id": f"p{n}", "text": FINALS, "quintuples": []} for n in range(20)]
    lines = (
        as_lines(posts[:10])
        + b'{"id": "bad", \n\n["no post"]\n{"id": "x"}\n'
        + as_lines(posts[10:])
    )
    message = run_batch(page, "posts.jsonl", lines)
    assert message.startswith("Finished posts.jsonl: 20 posts, ")
    assert message.endswith(", 3 problems.")
    problems = page.locator("#problem-list li")
    assert problems.evaluate_all("all => all.map(each => each.textContent)") == [
        "line 11: not JSON",
        "line 13: expected a JSON object",
        "line 14: missing 'text' or 'tokens'",
    ]
    assert page.locator("#progress").evaluate("it => it.value") == 1

    results = saved(page, lambda: page.click("#batch-download >> text=Results"))
    found = [json.loads(line) for line in results.decode().splitlines()]
    assert [each["id"] for each in found] == [each["id"] for each in posts]
    assert all(each["quintuples"] for each in found)


@pytest.mark.parametrize("form", LABELS)
def test_the_graph_is_what_the_writers_of_the_command_line_write(page, form, tmp_path):
    run_batch(
        page, "posts.jsonl", as_lines([{"id": "a", "text": FINALS}, {"id": "b", "text": FINALS}])
    )
    page.locator("#batch-download select").select_option(form)
    graph = saved(page, lambda: page.get_by_role("button", name="Graph", exact=True).first.click())
    path = tmp_path / f"graph.{form}"
    path.write_bytes(graph)
    assert "Klay Thompson" in LABELS[form](path)


def test_a_table_has_its_columns_chosen(page):
    table = f'tweet_id,tweet,note\r\n1,"{FINALS}, ""yes""\r\nand more",a\r\n2,,b\r\n'
    page.click("#tab-batch")
    file = {"name": "posts.csv", "mimeType": "text/csv", "buffer": table.encode()}
    page.set_input_files("#batch-file input", files=file)
    page.locator("#columns").wait_for()
    assert page.locator("#column-text").input_value() == "tweet"
    assert page.locator("#column-id").input_value() == "tweet_id"
    page.click("#start")
    page.locator("#batch-message", has_text="Finished").wait_for()
    results = saved(page, lambda: page.click("#batch-download >> text=Results"))
    (found,) = map(json.loads, results.decode().splitlines())
    assert (found["id"], found["text"]) == ("1", f'{FINALS}, "yes"\r\nand more')
    assert page.locator("#problem-list li").text_content() == "line 4: no text in column 'tweet'"


def test_a_zipped_file_is_read_and_a_damaged_one_told(page):
    lines = as_lines([{"id": "z", "text": FINALS}])
    assert "1 post" in run_batch(page, "posts.jsonl.gz", gzip.compress(lines))
    assert "damaged" in run_batch(page, "bad.jsonl.gz", b"\x1f\x8b" + lines, until="damaged")


def test_a_large_file_is_streamed_in_groups(page, complaints):
    sizes = []
    page.on("request", lambda it: sizes.append(_posts(it)) if "extract" in it.url else None)
    fillers = "x" * 8_000
    posts = [{"id": str(n), "text": f"Bonn {n}", "note": fillers} for n in range(LARGE)]
    posts[40]["text"] = "a " * 20_000  # more than the server takes
    lines = as_lines(posts)
    assert len(lines) > 2_500_000
    message = run_batch(page, "large.jsonl", lines)
    assert message.startswith(f"Finished large.jsonl: {LARGE - 1} posts")
    told = page.locator("#problem-list li").text_content()
    assert told.startswith("line 41: text: 40,000 characters")
    assert max(sizes) == 16
    assert page.locator("#batch-posts tbody tr").count() == 10
    complaints.expect("422")  # of the post that is too long


def _posts(request):
    return len(json.loads(request.post_data)["posts"])


def test_a_run_is_cancelled_and_what_is_done_kept(page):
    asked = []

    def slow(route):
        asked.append(route)
        if len(asked) < 3:
            route.continue_()  # the third group never gets an answer

    page.route("**/v1/extract", slow)
    page.click("#tab-batch")
    lines = as_lines([{"id": str(n), "text": "Bonn"} for n in range(100)])
    file = {"name": "posts.jsonl", "mimeType": "text/plain", "buffer": lines}
    page.set_input_files("#batch-file input", files=file)
    page.click("#start")
    page.locator("#count-posts", has_text="32").wait_for()
    page.click("#cancel")
    page.locator("#batch-message", has_text="Cancelled: 32 posts").wait_for()
    assert page.locator("#start").is_visible()
    assert len(asked) == 3


def test_a_busy_server_is_asked_again_after_the_time_it_names(page, complaints):
    times = []

    def busy(route):
        times.append(page.evaluate("performance.now()"))
        if len(times) == 1:
            error = {"error": {"code": "busy", "message": "the queue is full", "where": None}}
            route.fulfill(status=429, json=error, headers={"Retry-After": "1"})
        else:
            route.continue_()

    page.route("**/v1/extract", busy)
    page.click("#tab-batch")
    file = {"name": "p.jsonl", "mimeType": "", "buffer": as_lines([{"id": "1", "text": FINALS}])}
    page.set_input_files("#batch-file input", files=file)
    page.click("#start")
    page.locator("#batch-message", has_text="busy; the next try is in 1 s").wait_for()
    page.locator("#batch-message", has_text="Finished p.jsonl: 1 post,").wait_for()
    assert times[1] - times[0] >= 950
    complaints.expect("429")


@pytest.mark.parametrize("name", ["posts.xlsx", "posts"])
def test_a_file_of_another_kind_is_refused(page, name):
    page.click("#tab-batch")
    file = {"name": name, "mimeType": "", "buffer": b"x"}
    page.set_input_files("#batch-file input", files=file)
    assert f"{name}: expected a file in .jsonl" in page.get_by_role("alert").inner_text()
    assert page.locator("#start").is_disabled()
