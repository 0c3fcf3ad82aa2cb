"""Predictions of several models next to the gold annotation: the paper's Figure 6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any

from jmere.evaluation.readings import Annotated, Reading
from jmere.knowledge.drawing.picture import FONT, drawable, printable
from jmere.records import Extraction, Post, SceneGraph
from jmere.show.judge import ABSENT, MISSING, RIGHT, WRONG, Answered, judge
from jmere.show.page import blank_figure, in_notebook, of_post, rectangle
from jmere.terminal import aligned

_LEGEND = f"{RIGHT} correct    {WRONG} wrong, with the error    {MISSING} missing"
SHADES = {RIGHT: "#d9f0d9", WRONG: "#f9d6d5", MISSING: "#fff3cd", ABSENT: "white"}

LINE = 0.32
"""Row height of the table, in inches."""

_COLUMNS = ("head", "type", "relation", "tail", "type")


@dataclass(frozen=True, eq=False)
class CasesView:
    """Table of quintuples, gold first, with one column per model."""

    post: Post
    models: tuple[str, ...]
    answers: tuple[Answered, ...]
    scene: SceneGraph
    reading: Reading

    @property
    def title(self) -> str:
        """Return the post and the matching criterion."""
        return f"Quintuples{of_post(self.post.id)} ({self.reading} reading)"

    def figure(self) -> Any:
        """Draw the table as a ``matplotlib`` figure."""
        header, rows = self._table()
        cells = [[drawable(cell) for cell in row] for row in [header, *rows]]
        widths = [0.25 + 0.085 * max(map(len, column)) for column in zip(*cells, strict=True)]
        paragraphs = [self.post.text, *_scene_lines(self.scene)]
        above = [
            line for each in paragraphs for line in wrap(printable(each), int(12 * sum(widths)))
        ]
        y = -0.2 * (len(above) + 2)
        bottom = LINE * len(cells) + 0.4

        figure = blank_figure(sum(widths) + 0.2, bottom - y)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(-0.1, sum(widths) + 0.1)
        axes.set_ylim(bottom, y)
        axes.axis("off")
        text = {"family": FONT, "va": "center", "parse_math": False}
        axes.text(0, y + 0.15, self.title, size=10, weight="bold", **text)
        for number, line in enumerate(above):
            axes.text(0, y + 0.4 + 0.2 * number, line, size=9, **text)
        for number, row in enumerate(cells):
            self._line(axes, LINE * (number + 0.5), row, widths, bold=not number)
        axes.text(0, bottom - 0.2, _LEGEND, size=8, color="#555555", **text)
        return figure

    def _line(
        self, axes: Any, y: float, row: Sequence[str], widths: Sequence[float], *, bold: bool
    ) -> None:
        x = 0.0
        for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
            if column >= len(_COLUMNS):
                _shade(axes, x, y, width, SHADES.get(cell[:1], "white"))
            axes.text(
                x + 0.08, y, cell, size=8.5, family=FONT, va="center", parse_math=False,
                weight="bold" if bold else "normal",
            )  # fmt: skip
            x += width
        axes.plot([0, x], [y + LINE / 2] * 2, color="#dddddd", linewidth=0.8)

    def html(self) -> str:
        """Return the table as HTML, below the text and the scene."""
        header, rows = self._table()
        head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
        lines = [f"<p>{escape(self.post.text)}</p>"]
        lines += [f'<p class="note">{escape(line)}</p>' for line in _scene_lines(self.scene)]
        lines.append(f"<table><tr>{head}</tr>")
        for row in rows:
            cells = "".join(
                f'<td style="background:{SHADES.get(cell[:1], "white")}">{escape(cell)}</td>'
                if column >= len(_COLUMNS)
                else f"<td>{escape(cell)}</td>"
                for column, cell in enumerate(row)
            )
            lines.append(f"<tr>{cells}</tr>")
        return "\n".join([*lines, "</table>", f'<p class="note">{_LEGEND}</p>'])

    def text(self) -> str:
        """Return the table as aligned text."""
        lines = [self.title, self.post.text, *_scene_lines(self.scene)]
        return "\n".join([*lines, "", aligned(*self._table()), "", _LEGEND])

    def _repr_html_(self) -> str:
        return in_notebook(self)

    def _table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        header = (*_COLUMNS, "gold", *self.models)
        rows = [
            (*_parts(each), RIGHT if each.right else ABSENT, *each.marks) for each in self.answers
        ]
        return header, rows


def show_cases(
    post: Post,
    found: Mapping[str, Annotated],
    *,
    reading: Reading = "directed",
    scene: SceneGraph | None = None,
) -> CasesView:
    """Compare models' predictions for a post with its gold annotation.

    Args:
        post: Post with gold annotation.
        found: Each model's result, by model name.
        reading: Matching criterion.
        scene: What the picture shows; else the post's own graph, or what a model saw.
    """
    if scene is None:
        seen = [each.scene_graph for each in found.values() if isinstance(each, Extraction)]
        scene = post.scene_graph or next((each for each in seen if each.objects), SceneGraph())
    answers = judge(post, found.values(), reading)
    return CasesView(post, tuple(found), answers, scene, reading)


def _parts(answered: Answered) -> tuple[str, ...]:
    """Return the five parts of a quintuple."""
    it = answered.quintuple
    return (it.head.text, it.head.type, it.relation, it.tail.text, it.tail.type)


def _scene_lines(scene: SceneGraph) -> list[str]:
    if not scene.objects:
        return []
    objects = ", ".join(each.label for each in scene.objects)
    relations = [
        f"{scene.objects[each.subject].label} {each.predicate} {scene.objects[each.object].label}"
        for each in scene.relations
    ]
    return [f"picture: {objects}" + (f" ({'; '.join(relations)})" if relations else "")]


def _shade(axes: Any, x: float, y: float, width: float, colour: str) -> None:
    axes.add_patch(rectangle((x, y - LINE / 2), width, LINE, facecolor=colour, edgecolor="none"))
