"""What all pictures have in common: a figure, an HTML page of its own, a text, and a file."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from jmere.errors import require
from jmere.files.whole import written_whole
from jmere.terminal import plain_line

_DOTS_PER_INCH = 150

_MOST_PIXELS = 80_000_000
"""Of a figure: what viewers still open, and what is drawn in a gigabyte of memory."""

LONGEST_NAME = 60
"""Characters of a post's id in a title."""

_SUFFIXES = (".png", ".html")

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #222; margin: 2em; }
h1 { font-size: 1.15em; } h2 { font-size: 1em; margin: 1.4em 0 .4em; } p.note { color: #555; }
table { border-collapse: collapse; } th, td { padding: .3em .6em; border: 1px solid #ddd; }
th { font-weight: 600; text-align: left; } td.figure { text-align: right; }
td.cell { width: 4.2em; height: 2.4em; padding: 0; text-align: center; font-size: .72em; }
th.word { white-space: nowrap; }
th.upright { text-align: left; writing-mode: vertical-rl; transform: rotate(180deg); }
"""


@runtime_checkable
class View(Protocol):
    """A picture of a post."""

    @property
    def title(self) -> str:
        """What is seen, in a line."""

    def figure(self) -> Any:
        """A ``matplotlib`` figure of it."""

    def html(self) -> str:
        """It as a piece of HTML, every text in it escaped."""

    def text(self) -> str:
        """It in letters alone."""


def save(view: View, path: str | Path) -> None:
    """Write a picture as PNG, or as an HTML page that needs no other file.

    Raises:
        ValueError: If the file's name ends in neither.
        MissingExtraError: If a PNG is wanted and ``matplotlib`` is not installed.
    """
    if check_page_target(path) == ".html":
        with written_whole(path) as stream:
            stream.write(page(view))
        return
    with written_whole(path, binary=True) as stream:
        view.figure().savefig(stream, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight")


def page(view: View) -> str:
    """A whole HTML page of a picture."""
    title = escape(view.title)
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>\n'
        f"<style>{STYLE}</style></head>\n<body>\n<h1>{title}</h1>\n{view.html()}\n</body>\n</html>\n"
    )


def in_notebook(view: View) -> str:
    """A picture as a notebook shows it; one that is too large as a line that says so."""
    try:
        body = view.html()
    except ValueError as error:
        body = f"<p>{escape(str(error))}</p>"
    return f"<style>{STYLE}</style><p><strong>{escape(view.title)}</strong></p>{body}"


def check_page_target(path: str | Path) -> str:
    """The end of a picture's name; what ``save`` would refuse is refused at once."""
    suffix = Path(path).suffix.lower()
    if suffix not in _SUFFIXES:
        raise ValueError(
            f"{path}: cannot draw {suffix or 'this'}; expected {' or '.join(_SUFFIXES)}"
        )
    if suffix == ".png":
        require("matplotlib", "graph", "drawing a picture")
    return suffix


def blank_figure(width: float, height: float, **options: Any) -> Any:
    """An empty figure of so many inches, made without a window or global state.

    Raises:
        ValueError: If it would have more than ``_MOST_PIXELS``.
    """
    size = (round(width * _DOTS_PER_INCH), round(height * _DOTS_PER_INCH))
    if size[0] * size[1] > _MOST_PIXELS:
        raise ValueError(
            f"the picture would have {size[0]:,} x {size[1]:,} pixels; "
            f"expected at most {_MOST_PIXELS:,}: write .html, or print text without --output"
        )
    figures = require("matplotlib.figure", "graph", "drawing a picture")
    return figures.Figure(figsize=(width, height), facecolor="white", **options)


def of_post(identity: str | None) -> str:
    """The end of a title that names a post, if it has a name."""
    if not identity:
        return ""
    name = plain_line(identity)
    return f" of post {name if len(name) <= LONGEST_NAME else f'{name[:LONGEST_NAME]}…'}"


def rectangle(place: tuple[float, float], width: float, height: float, **style: Any) -> Any:
    """A rectangle to add to axes."""
    patches = require("matplotlib.patches", "graph", "drawing a picture")
    return patches.Rectangle(place, width, height, **style)
