"""Common parts of figures: HTML page, text, PNG and notebook output."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from jmere.errors import require
from jmere.files.outputs import checked_suffix
from jmere.files.whole import written_whole
from jmere.terminal import plain_line

_DOTS_PER_INCH = 150

_MAX_PIXELS = 80_000_000
"""Maximum number of pixels of a figure; it takes about a gigabyte to draw."""

MAX_NAME = 60
"""Maximum length of a post id in a title."""

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
    """A figure of a post."""

    @property
    def title(self) -> str:
        """Return the one-line title."""

    def figure(self) -> Any:
        """Return a ``matplotlib`` figure."""

    def html(self) -> str:
        """Return an HTML fragment with all text escaped."""

    def text(self) -> str:
        """Return plain text."""


def save(view: View, path: str | Path) -> None:
    """Write a figure as PNG, or as a self-contained HTML page.

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
    """Return a complete HTML page."""
    title = escape(view.title)
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>\n'
        f"<style>{STYLE}</style></head>\n<body>\n<h1>{title}</h1>\n{view.html()}\n</body>\n</html>\n"
    )


def in_notebook(view: View) -> str:
    """Return a figure as HTML for notebooks; a too large one becomes a message."""
    try:
        body = view.html()
    except ValueError as error:
        body = f"<p>{escape(str(error))}</p>"
    return f"<style>{STYLE}</style><p><strong>{escape(view.title)}</strong></p>{body}"


def check_page_target(path: str | Path) -> str:
    """Return the suffix of a figure; raise early whatever ``save`` would raise."""
    suffix = checked_suffix(path, _SUFFIXES)
    if suffix == ".png":
        require("matplotlib", "graph", "drawing a picture")
    return suffix


def blank_figure(width: float, height: float, **options: Any) -> Any:
    """Create an empty figure in inches, without a window or global state.

    Raises:
        ValueError: If it would have more than ``_MAX_PIXELS``.
    """
    size = (round(width * _DOTS_PER_INCH), round(height * _DOTS_PER_INCH))
    if size[0] * size[1] > _MAX_PIXELS:
        raise ValueError(
            f"the picture would have {size[0]:,} x {size[1]:,} pixels; "
            f"expected at most {_MAX_PIXELS:,}: write .html, or print text without --output"
        )
    figures = require("matplotlib.figure", "graph", "drawing a picture")
    return figures.Figure(figsize=(width, height), facecolor="white", **options)


def of_post(identity: str | None) -> str:
    """Return the end of a title that names a post, if it has an id."""
    if not identity:
        return ""
    name = plain_line(identity)
    return f" of post {name if len(name) <= MAX_NAME else f'{name[:MAX_NAME]}…'}"


def rectangle(place: tuple[float, float], width: float, height: float, **style: Any) -> Any:
    """Create a rectangle to add to axes."""
    patches = require("matplotlib.patches", "graph", "drawing a picture")
    return patches.Rectangle(place, width, height, **style)
