"""What several models find in one post beside what is right: the paper's Figure 6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from textwrap import wrap
from typing import Any

from jmere.evaluation.readings import Annotated, Key, Reading, answer
from jmere.evaluation.tables import aligned
from jmere.knowledge.picture import FONT, drawable, printable
from jmere.records import Entity, Extraction, Post, Quintuple, SceneGraph
from jmere.show.page import blank_figure, in_notebook, of_post, rectangle

RIGHT, WRONG, MISSING, ABSENT = "✓", "✗", "○", ""
LEGEND = f"{RIGHT} right    {WRONG} wrong, and in what    {MISSING} missing"
SHADES = {RIGHT: "#d9f0d9", WRONG: "#f9d6d5", MISSING: "#fff3cd", ABSENT: "white"}

LINE = 0.32
"""Height of a line of the table, in inches."""

_COLUMNS = ("head", "type", "relation", "tail", "type")


@dataclass(frozen=True, slots=True)
class Answered:
    """A quintuple that is right or that some model found, and how each model stands to it."""

    quintuple: Quintuple
    right: bool
    marks: tuple[str, ...]
    """Of each model: a mark, and after ``WRONG`` what is wrong."""

    def cells(self) -> tuple[str, ...]:
        """The quintuple's five parts."""
        it = self.quintuple
        return (it.head.text, it.head.type, it.relation, it.tail.text, it.tail.type)


@dataclass(frozen=True, eq=False)
class CasesView:
    """A line per quintuple, the right ones first; a column per model."""

    post: Post
    models: tuple[str, ...]
    answers: tuple[Answered, ...]
    scene: SceneGraph
    reading: Reading

    @property
    def title(self) -> str:
        """Which post, and by which reading it is judged."""
        return f"Quintuples{of_post(self.post.id)} ({self.reading} reading)"

    def figure(self) -> Any:
        """The table as a ``matplotlib`` figure."""
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
        axes.text(0, bottom - 0.2, LEGEND, size=8, color="#555555", **text)
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
        """The table, under the text and what the picture shows."""
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
        return "\n".join([*lines, "</table>", f'<p class="note">{LEGEND}</p>'])

    def text(self) -> str:
        """The table as aligned text."""
        lines = [self.title, self.post.text, *_scene_lines(self.scene)]
        return "\n".join([*lines, "", aligned(*self._table()), "", LEGEND])

    def _repr_html_(self) -> str:
        return in_notebook(self)

    def _table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        header = (*_COLUMNS, "gold", *self.models)
        rows = [
            (*each.cells(), RIGHT if each.right else ABSENT, *each.marks) for each in self.answers
        ]
        return header, rows


def show_cases(
    post: Post,
    found: Mapping[str, Annotated],
    *,
    reading: Reading = "directed",
    scene: SceneGraph | None = None,
) -> CasesView:
    """Compare what models found in a post with its gold annotation, and with each other.

    Args:
        post: With its right answers.
        found: What each model found in it, by the model's name.
        reading: What counts as equal.
        scene: What the picture shows; else the post's own graph, or what a model saw.
    """
    gold = _keyed(post, post, reading)
    answers = {name: _keyed(each, post, reading) for name, each in found.items()}
    every = dict(gold)
    for keyed in answers.values():
        for key, quintuple in keyed.items():
            every.setdefault(key, quintuple)
    if scene is None:
        seen = [each.scene_graph for each in found.values() if isinstance(each, Extraction)]
        scene = post.scene_graph or next((each for each in seen if each.objects), SceneGraph())
    return CasesView(
        post=post,
        models=tuple(found),
        answers=tuple(
            Answered(
                _named(quintuple, post.text),
                right=key in gold,
                marks=tuple(_mark(key, quintuple, gold, keyed) for keyed in answers.values()),
            )
            for key, quintuple in every.items()
        ),
        scene=scene,
        reading=reading,
    )


def fault(quintuple: Quintuple, gold: Sequence[Quintuple]) -> str:
    """What is wrong with a quintuple, by the gold one that is nearest to it."""
    head, tail = _span(quintuple.head), _span(quintuple.tail)
    for right in gold:
        spans = (_span(right.head), _span(right.tail))
        if (head, tail) == spans:
            types = (quintuple.head.type, quintuple.tail.type)
            same = types == (right.head.type, right.tail.type)
            return "relation" if same else "type"
    for right in gold:
        if (tail, head) == (_span(right.head), _span(right.tail)):
            return "direction" if quintuple.relation == right.relation else "relation"
    for right in gold:
        ends = (_span(right.head), _span(right.tail))
        if any(
            _overlap(head, first) and _overlap(tail, second) for first, second in (ends, ends[::-1])
        ):
            return "boundary"
    return "not in gold"


def _mark(
    key: Key, quintuple: Quintuple, gold: Mapping[Key, Quintuple], found: Mapping[Key, Quintuple]
) -> str:
    if key in gold:
        return RIGHT if key in found else MISSING
    return f"{WRONG} {fault(quintuple, list(gold.values()))}" if key in found else ABSENT


def _keyed(answers: Annotated, post: Post, reading: Reading) -> dict[Key, Quintuple]:
    keyed: dict[Key, Quintuple] = {}
    for quintuple in answers.quintuples:
        alone = replace(post, quintuples=(quintuple,), entities=())
        (key,) = answer(alone, reading, post.text).links
        keyed.setdefault(key, quintuple)
    return keyed


def _named(quintuple: Quintuple, text: str) -> Quintuple:
    """The quintuple with the text of its entities, which a prediction may leave out."""
    head, tail = (
        end if end.text else replace(end, text=text[end.start : end.end])
        for end in (quintuple.head, quintuple.tail)
    )
    return replace(quintuple, head=head, tail=tail)


def _span(entity: Entity) -> tuple[int, int]:
    return (entity.start, entity.end)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


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
