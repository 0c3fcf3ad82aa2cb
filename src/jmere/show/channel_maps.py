"""Channels of a post's word pairs: the paper's Figure 5."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmere.knowledge.drawing.picture import FONT, drawable
from jmere.records import TextGraph
from jmere.show.page import blank_figure, in_notebook, of_post
from jmere.terminal import aligned
from jmere.text.cooccurrence import UNKNOWN_WORD, CooccurrenceTable
from jmere.text.dependency import UNREACHABLE, hop_distances
from jmere.text.words import Words

CHANNELS = {
    "Pos": "parts of speech",
    "Sd": "hops between the words in the dependency tree",
    "Co": "bin of the pair's pointwise mutual information",
}
_CELL = 0.46
"""Cell size in inches."""

NEGATIVE = 1
"""Bin of pairs whose PMI is not positive."""

Matrix = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class ChannelsView:
    """Channels of each word pair: part of speech, hops and co-occurrence."""

    title: str
    words: tuple[str, ...]
    pos: tuple[str, ...]
    """Part of speech of each word."""
    hops: Matrix
    """Words x words; ``UNREACHABLE`` between words of two trees."""
    cooccurrence: Matrix
    """Words x words; ``UNKNOWN_WORD`` where the training posts do not have the pair."""

    def cell(self, channel: str, row: int, column: int) -> str:
        """Return the text of a cell; empty if nothing is known."""
        if channel == "Pos":
            return f"{self.pos[row]} {self.pos[column]}"
        value = int((self.hops if channel == "Sd" else self.cooccurrence)[row, column])
        unknown = UNREACHABLE if channel == "Sd" else UNKNOWN_WORD
        return (
            ""
            if value == unknown
            else "≤0"
            if channel == "Co" and value == NEGATIVE
            else str(value)
        )

    def figure(self) -> Any:
        """Draw the three matrices as a ``matplotlib`` figure."""
        count = max(1, len(self.words))
        figure = blank_figure(3 * (_CELL * count + 1.4), _CELL * count + 1.5)
        for place, (channel, meaning) in enumerate(CHANNELS.items()):
            axes = figure.add_subplot(1, 3, place + 1)
            if self.words:
                axes.imshow(self._shade(channel), cmap="Blues", vmin=0, vmax=1.6, aspect="equal")
            for row, column in self._pairs():
                axes.text(
                    column, row, self.cell(channel, row, column).replace(" ", "\n"),
                    size=4.5 if channel == "Pos" else 7, family=FONT, ha="center", va="center",
                )  # fmt: skip
            names = [drawable(word) for word in self.words]
            text = {"family": FONT, "size": 8, "parse_math": False}
            axes.set_yticks(range(len(names)), names, **text)
            slanted = {"rotation": 40, "ha": "left", "rotation_mode": "anchor"}
            axes.set_xticks(range(len(names)), names, **slanted, **text)
            axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
            axes.spines[:].set_visible(False)
            axes.set_xlabel(f"{channel}: {meaning}", size=9)
        figure.suptitle(self.title, size=10, x=0.01, ha="left", parse_math=False)
        figure.set_layout_engine("tight")
        return figure

    def html(self) -> str:
        """Return the three matrices as HTML tables."""
        return "\n".join(
            f"<h2>{channel}: {meaning}</h2>{self._table(channel)}"
            for channel, meaning in CHANNELS.items()
        )

    def text(self) -> str:
        """Return the pairs of different words, one per line; ``-`` for unknown values."""
        rows = (
            (
                self.words[row],
                self.words[column],
                *(self.cell(channel, row, column) or "-" for channel in CHANNELS),
            )
            for row, column in self._pairs()
            if row < column
        )
        return f"{self.title}\n\n{aligned(('row', 'column', *CHANNELS), rows)}"

    def _repr_html_(self) -> str:
        return in_notebook(self)

    def _pairs(self) -> Iterator[tuple[int, int]]:
        return ((r, c) for r in range(len(self.words)) for c in range(len(self.words)))

    def _shade(self, channel: str) -> NDArray[np.float64]:
        """Return the darkness of each cell, 0 to 1: near or frequent pairs are dark."""
        if channel == "Pos":
            return np.array([[float(a == b) for b in self.pos] for a in self.pos]).reshape(
                len(self.pos), len(self.pos)
            )
        if channel == "Sd":
            return np.where(self.hops == UNREACHABLE, 0.0, 1 / (1.0 + self.hops))
        return self.cooccurrence / max(1, int(self.cooccurrence.max(initial=1)))

    def _table(self, channel: str) -> str:
        head = "".join(f'<th class="upright">{escape(word)}</th>' for word in self.words)
        lines = [f"<table><tr><th></th>{head}</tr>"]
        shade = self._shade(channel)
        for row, word in enumerate(self.words):
            cells = "".join(
                f'<td class="cell" style="background:rgba(8,81,156,{0.6 * dark:.3f})">'
                f"{escape(self.cell(channel, row, column))}</td>"
                for column, dark in enumerate(shade[row])
            )
            lines.append(f'<tr><th class="word">{escape(word)}</th>{cells}</tr>')
        return "\n".join([*lines, "</table>"])


def show_channels(
    words: Words, graph: TextGraph, table: CooccurrenceTable, *, identity: str | None = None
) -> ChannelsView:
    """Show the channels of a post.

    Args:
        words: Of the post.
        graph: Its dependency graph.
        table: The co-occurrence table of a model, which its training posts made.
        identity: The post's, for the title.
    """
    return ChannelsView(
        title=f"Channels of word pairs{of_post(identity)}",
        words=words.words,
        pos=tuple(graph.pos),
        hops=hop_distances([graph])[0],
        cooccurrence=table.bins([words.words])[0],
    )
