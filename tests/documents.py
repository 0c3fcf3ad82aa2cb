"""The project's pages: their code, their commands and their links."""

import re
import shlex
import unicodedata
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_OPERATOR = re.compile(r"^(\||\|\||&&|;|>|>>|<)$")


def name_of(page):
    return str(page.relative_to(ROOT))


def blocks(page, language):
    """The fenced blocks of one language, in the order of the page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def without_code(page):
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)


def links(page):
    """The targets of a page's links to other files and to anchors."""
    targets = _LINK.findall(without_code(page))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(page):
    """The anchors of a page's headings, as MkDocs and GitHub make them."""
    text = re.sub(
        r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    return {_slug(title) for title in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)}


def _slug(title):
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip())


def jmere_commands(page):
    """The arguments of every ``jmere`` in a page's console blocks."""
    found = []
    for block in blocks(page, "console"):
        lines = re.sub(r"\\\n\s*", " ", block).splitlines()
        for line in lines:
            if line.startswith("$ "):
                found += _calls(shlex.split(line[2:], comments=True))
    return found


def _calls(words):
    if words[:1] in (["docker"], ["pip"]):  # what they are given is a name
        return []
    calls, inside = [], None
    for word in words:
        if _OPERATOR.match(word):
            inside = None
        elif word == "jmere" and inside is None:
            inside = []
            calls.append(inside)
        elif inside is not None:
            inside.append(word)
    return calls
