"""Words matched with the objects of the picture, as heat maps: the paper's Figure 7."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from jmere.evaluation.tables import aligned
from jmere.knowledge.picture import FONT, drawable
from jmere.records import Extraction, FloatArray
from jmere.show.colours import type_colours
from jmere.show.page import blank_figure, in_notebook
from jmere.text.words import Words

CELL = 0.42
"""Height of a word's line, in inches."""

DARK = 0.6
"""Share of the strongest value above which letters are white."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """One model's alignment of a post, and the entities that it found there."""

    name: str
    plan: FloatArray
    """Share of the mass moved between a word and an object; sums to 1."""
    attention: FloatArray
    """Of each word on the objects; a row sums to 1."""
    types: tuple[str, ...]
    """Entity type of each word, the empty string outside entities."""


@dataclass(frozen=True, eq=False)
class AlignmentView:
    """The plan and the attention of one or several models, side by side."""

    title: str
    words: tuple[str, ...]
    objects: tuple[str, ...]
    models: tuple[Aligned, ...]

    def figure(self) -> Any:
        """A line of heat maps per model: the transport plan, then the attention."""
        height = CELL * len(self.words) + 1.3
        width = 2 * (1.2 + max(0.85 * len(self.objects), 1.6)) + 0.8
        figure = blank_figure(width, height * len(self.models) + 0.4, layout="constrained")
        figure.suptitle(self.title, size=10.5, x=0.01, ha="left")
        panels = figure.subplots(len(self.models), 2, squeeze=False)
        for line, model in zip(panels, self.models, strict=True):
            for axes, (kind, values, strongest) in zip(line, self._maps(model), strict=True):
                self._heat(axes, values, strongest)
                axes.set_title(f"{model.name}: {kind}", size=9, loc="left", pad=6)
                self._label(axes, model.types)
        return figure

    def html(self) -> str:
        """The same as tables, darker where stronger, with the values in percent."""
        return "\n".join(
            f"<h2>{escape(model.name)}: {kind}</h2>{self._table(values, strongest, model.types)}"
            for model in self.models
            for kind, values, strongest in self._maps(model)
        )

    def text(self) -> str:
        """The values in percent."""
        parts = [self.title]
        for model in self.models:
            for kind, values, _ in self._maps(model):
                rows = [
                    (_marked(word, kind_of), *(f"{100 * value:.1f}" for value in line))
                    for word, kind_of, line in zip(self.words, model.types, values, strict=True)
                ]
                parts.append(f"{model.name}: {kind}\n{aligned(('', *self.objects), rows)}")
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        return in_notebook(self)

    def _maps(self, model: Aligned) -> tuple[tuple[str, FloatArray, float], ...]:
        """What is drawn of a model; a colour means the same in all maps of one kind."""
        strongest = [
            max(float(getattr(each, kind).max(initial=0)) for each in self.models)
            for kind in ("plan", "attention")
        ]
        return (
            ("transport plan, % of all mass", model.plan, strongest[0]),
            ("attention, % of a word's", model.attention, strongest[1]),
        )

    def _heat(self, axes: Any, values: FloatArray, strongest: float) -> None:
        axes.imshow(values, cmap="Blues", vmin=0, vmax=strongest or 1, aspect="auto")
        for row, column in np.ndindex(values.shape):
            value = float(values[row, column])
            axes.text(
                column, row, f"{100 * value:.1f}", size=7, ha="center", va="center",
                color="white" if value > DARK * strongest else "#333333",
            )  # fmt: skip

    def _label(self, axes: Any, types: Sequence[str]) -> None:
        text = {"family": FONT, "size": 8.5, "parse_math": False}
        words = [_marked(drawable(w), kind) for w, kind in zip(self.words, types, strict=True)]
        axes.set_yticks(range(len(words)), words, **text)
        objects = [drawable(label) for label in self.objects]
        axes.set_xticks(range(len(objects)), objects, rotation=30, ha="right",
                        rotation_mode="anchor", **text)  # fmt: skip
        colours = type_colours(types)
        for label, kind in zip(axes.get_yticklabels(), types, strict=True):
            if kind:
                label.set_weight("bold")
                label.set_bbox({"facecolor": colours[kind], "edgecolor": "none", "pad": 1.5})
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)

    def _table(self, values: FloatArray, strongest: float, types: Sequence[str]) -> str:
        colours = type_colours(types)
        head = "".join(f"<th>{escape(label)}</th>" for label in self.objects)
        lines = [f"<table><tr><th></th>{head}</tr>"]
        for word, kind, row in zip(self.words, types, values.tolist(), strict=True):
            mark = f' style="background:{colours[kind]}"' if kind else ""
            cells = "".join(_shaded(value, strongest) for value in row)
            lines.append(f"<tr><th{mark}>{escape(_marked(word, kind))}</th>{cells}</tr>")
        return "\n".join([*lines, "</table>"])


def show_alignment(found: Sequence[tuple[str, Extraction]], words: Words) -> AlignmentView:
    """The alignments of one post by one or several models.

    Args:
        found: A name, and what a model found; all of the same post.
        words: Of the post.

    Raises:
        ValueError: If the post has no object, a model has no alignment, or the models have
            other objects than each other.
    """
    if not found:
        raise ValueError("an alignment needs a model")
    models = []
    for name, extraction in found:
        alignment, first = extraction.alignment, found[0][1].alignment
        if alignment is None or first is None:
            raise ValueError(f"{name}: gives no alignment of words and objects")
        if not alignment.objects:
            raise ValueError(
                f"post {extraction.id!r} has no object to align words with: it needs a "
                "scene graph, an alternative text, or visual graphs by image"
            )
        if alignment.objects != first.objects:
            raise ValueError(f"{name}: sees other objects than {found[0][0]}")
        types = word_types(extraction, words)
        models.append(Aligned(name, alignment.plan, alignment.attention, types))
    extraction = found[0][1]
    assert extraction.alignment is not None
    return AlignmentView(
        title=f"Words and objects of post {extraction.id or 'without id'}",
        words=words.words,
        objects=extraction.alignment.objects,
        models=tuple(models),
    )


def word_types(extraction: Extraction, words: Words) -> tuple[str, ...]:
    """The entity type of each word, the empty string outside entities."""
    types = [""] * len(words)
    for entity in extraction.entities:
        mention = words.mention(entity)
        if mention is not None:
            types[mention.start : mention.end] = [mention.type] * (mention.end - mention.start)
    return tuple(types)


def _marked(word: str, kind: str) -> str:
    return f"{word} [{kind}]" if kind else word


def _shaded(value: float, strongest: float) -> str:
    share = value / strongest if strongest else 0.0
    ink = ";color:#fff" if share > DARK else ""
    shade = f"background:rgba(8,81,156,{share:.3f}){ink}"
    return f'<td class="figure" style="{shade}">{100 * value:.1f}</td>'
