"""Word-pair grid of a post, gold or predicted: the paper's Figure 3."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmere.evaluation.readings import Annotated
from jmere.grid.encode import encode
from jmere.knowledge.drawing.picture import FONT, drawable
from jmere.records import Link, Mention
from jmere.show.colours import relation_colours, type_colours
from jmere.show.page import blank_figure, in_notebook, of_post, rectangle
from jmere.tags import NONE, TagSet
from jmere.terminal import aligned
from jmere.text.words import Words

MAX_WORDS = 400
"""Maximum number of words for HTML: a table of 160,000 cells, which browsers open."""

MAX_ENCODED = 4000
"""Maximum number of words for a grid, whose memory is quadratic."""

WIDTH, HEIGHT = 0.68, 0.44
"""Cell size in inches, fitting the longest part of a relation name."""


@dataclass(frozen=True, eq=False)
class GridView:
    """Tag of each ordered pair of words: rows are heads, columns tails."""

    title: str
    words: tuple[str, ...]
    cells: NDArray[np.int16]
    """Tag number of each pair, words x words."""
    tags: TagSet
    lost: int = 0
    """Number of entities and quintuples that the grid cannot represent."""

    def name(self, row: int, column: int) -> str:
        """Return the tag name of a pair; empty for none."""
        return self.tags.name(int(self.cells[row, column]))

    def figure(self) -> Any:
        """Draw the grid as a ``matplotlib`` figure."""
        count = len(self.words)
        figure = blank_figure(WIDTH * count + 1.6, HEIGHT * count + 1.6)
        axes = figure.add_axes((0.1, 0.05, 0.85, 0.8))
        axes.set_xlim(0, max(count, 1))
        axes.set_ylim(max(count, 1), 0)
        axes.set_aspect(HEIGHT / WIDTH)
        colours = self._colours()
        shades = np.where(np.tri(count, k=-1, dtype=bool)[..., None], 0.97, 1.0) * np.ones(3)
        if count:
            axes.imshow(shades, extent=(0, count, count, 0), aspect=HEIGHT / WIDTH)
        lines = {"color": "#d0d0d0", "linewidth": 0.8}
        axes.hlines(range(count + 1), 0, count, **lines)
        axes.vlines(range(count + 1), 0, count, **lines)
        for row, column in np.argwhere(self.cells != NONE).tolist():
            name = self.name(row, column)
            axes.add_patch(
                rectangle((column, row), 1, 1, facecolor=colours[name], edgecolor="#d0d0d0")
            )
            axes.text(
                column + 0.5, row + 0.5, _broken(name), size=6.5, family=FONT, ha="center",
                va="center", parse_math=False,
                weight="bold" if name in self.tags.entity_types else "normal",
            )  # fmt: skip
        labels = [drawable(word) for word in self.words]
        places = np.arange(count) + 0.5
        text = {"family": FONT, "size": 9, "parse_math": False}
        axes.set_yticks(places, labels, **text)
        axes.set_xticks(places, labels, rotation=35, ha="left", rotation_mode="anchor", **text)
        axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
        axes.spines[:].set_visible(False)
        axes.set_title(self.title, size=10, loc="left", pad=12)
        return figure

    def html(self) -> str:
        """Return the grid as an HTML table.

        Raises:
            ValueError: If the post has more than ``MAX_WORDS``.
        """
        if len(self.words) > MAX_WORDS:
            raise ValueError(
                f"the post has {len(self.words):,} words; expected at most {MAX_WORDS} "
                "for a table: print text without --output"
            )
        colours = self._colours()
        head = "".join(f'<th class="upright">{escape(word)}</th>' for word in self.words)
        lines = [f"<table><tr><th></th>{head}</tr>"]
        for row, word in enumerate(self.words):
            names = [self.name(row, column) for column in range(len(self.words))]
            cells = "".join(
                f'<td class="cell" style="background:{colours[name]}">'
                f"{escape(name).replace('_', '_<wbr>')}</td>"
                if name
                else '<td class="cell"></td>'
                for name in names
            )
            lines.append(f'<tr><th class="word">{escape(word)}</th>{cells}</tr>')
        note = "Rows are heads, columns tails; an empty cell is a pair without a tag."
        return "\n".join([*lines, f'</table><p class="note">{note}</p>'])

    def text(self) -> str:
        """Return the tagged pairs, one per line."""
        tagged = np.argwhere(self.cells != NONE).tolist()
        pairs = ((self.words[r], self.words[c], self.name(r, c)) for r, c in tagged)
        return f"{self.title}\n\n{aligned(('row', 'column', 'tag'), pairs)}"

    def _repr_html_(self) -> str:
        return in_notebook(self)

    def _colours(self) -> dict[str, str]:
        return {**relation_colours(self.tags.relations), **type_colours(self.tags.entity_types)}


def show_grid(
    answer: Annotated,
    words: Words,
    tags: TagSet,
    *,
    symmetric: bool = False,
    source: str = "gold",
) -> GridView:
    """Show the grid of a post's quintuples and entities.

    Args:
        answer: A post with gold annotation, or what a model found in one.
        words: Of the post; an entity that cuts one is left out.
        tags: The tag set.
        symmetric: Write relations on both sides of the diagonal, as the paper does.
        source: Whose answer it is, for the title.

    Raises:
        ValueError: If the tag set lacks a type or relation, or the post has more than
            ``MAX_ENCODED`` words.
    """
    if len(words) > MAX_ENCODED:
        raise ValueError(
            f"the post has {len(words):,} words; expected at most {MAX_ENCODED:,} for a grid"
        )
    links = [words.link(each) for each in answer.quintuples]
    mentions = [words.mention(each) for each in answer.entities]
    kept_links: list[Link] = [link for link in links if link is not None]
    kept_mentions: list[Mention] = [mention for mention in mentions if mention is not None]
    encoded = encode(kept_links, kept_mentions, len(words), tags, symmetric=symmetric)
    cut = len(links) + len(mentions) - len(kept_links) - len(kept_mentions)
    lost = len(encoded.lost) + cut
    more = f", {lost} not held" if lost else ""
    return GridView(
        title=f"Word-pair tags{of_post(answer.id)} ({source}{more})",
        words=words.words,
        cells=encoded.grid,
        tags=tags,
        lost=lost,
    )


def _broken(name: str) -> str:
    """Break a name into lines at underscores, to fit a cell."""
    lines = [""]
    for part in name.replace("_", "_ ").split():
        if len(lines[-1]) + len(part) > 10:
            lines.append("")
        lines[-1] += part
    return "\n".join(line for line in lines if line)
