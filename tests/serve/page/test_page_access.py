"""Keyboard, screen readers, colour schemes, widths, and the files of the page."""

import json
import re
from pathlib import Path

import pytest
from page_steps import FINALS, as_lines, extract, png, run_batch

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "src" / "jmere" / "serve" / "static"
OWN = [path for path in STATIC.rglob("*") if path.suffix in (".js", ".css", ".html", ".svg")]
TABS = ("extract", "batch", "graph", "correct")


def filled(page):
    """Each tab with something to show."""
    extract(page, FINALS, alt_text="two men in jerseys holding a trophy", picture=png())
    posts = [{"id": str(n), "text": FINALS} for n in range(12)]
    run_batch(page, "posts.jsonl", as_lines([*posts, {"id": "no text"}]))
    page.click("#tab-graph")
    page.locator("#edges button", has_text="Evidence").first.click()
    page.click("#tab-correct")
    page.locator("#correct-posts button", has_text="Correct").first.click()
    page.locator("#correct-post form").first.wait_for()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (390, "dark"),
        pytest.param(1280, "dark", marks=pytest.mark.soak),
        pytest.param(390, "light", marks=pytest.mark.soak),
    ],
)
def test_every_tab_is_clean_for_axe_and_fits_the_width(open_page, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    filled(page)
    for tab in TABS:
        page.click(f"#tab-{tab}")
        page.wait_for_timeout(100)
        found = axe.run(page)
        assert found.violations_count == 0, f"{tab}: {found.generate_report()}"
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits), tab


def test_tabs_are_reached_by_arrows_and_kept_in_the_address(page):
    page.focus("#tab-extract")
    for key, tab in [
        ("ArrowRight", "batch"),
        ("End", "correct"),
        ("ArrowRight", "extract"),
        ("ArrowLeft", "correct"),
        ("Home", "extract"),
        ("ArrowRight", "batch"),
    ]:
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == f"tab-{tab}"
        assert page.locator("[role=tabpanel]:visible").get_attribute("id") == f"panel-{tab}"
    page.reload()
    assert page.locator("[role=tabpanel]:visible").get_attribute("id") == "panel-batch"


def test_a_post_is_extracted_and_walked_with_the_keyboard_alone(page):
    page.focus("#text")
    page.keyboard.type("Lionel Messi leaves Barcelona")
    page.keyboard.press("Control+Enter")
    page.locator("#extract-result .arc").first.wait_for()
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.getAttribute('class') || ''").split(" ")[0]
        )
        if page.evaluate("document.activeElement.closest('mark') !== null"):
            page.keyboard.press("Enter")
            reached.add("mark")
    assert {"mark", "arc"} <= reached
    assert page.locator("mark.pointed").count() == 1


def test_nothing_is_inline_and_nothing_comes_from_elsewhere():
    assert len(OWN) > 20
    for path in OWN:
        if path.parent.name == "vendor":
            continue
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//cdn|@import", text), path.name
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
        ), path.name
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)


def test_every_file_that_the_page_names_is_there():
    for path in OWN:
        if path.parent.name == "vendor":
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            names = [
                STATIC.parent / name for name in re.findall(r'(?:src|href)="(static/[^"]+)"', text)
            ]
        else:
            names = [path.parent / name for name in re.findall(r'import[^"]*"(\.[^"]+)"', text)]
        assert [name for name in names if not name.is_file()] == []


def test_the_vendored_library_is_the_pinned_one_with_its_licence():
    pinned = json.loads((ROOT / "web" / "package.json").read_text())["dependencies"]["cytoscape"]
    locked = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    assert locked["node_modules/cytoscape"]["version"] == pinned
    assert f'"{pinned}"' in (STATIC / "vendor" / "cytoscape.js").read_text(encoding="utf-8")
    assert "Cytoscape Consortium" in (STATIC / "vendor" / "cytoscape.LICENSE").read_text()
