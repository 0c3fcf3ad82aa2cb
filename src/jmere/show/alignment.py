"""Word-object alignment as heat maps: the paper's Figure 7."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from jmere.knowledge.drawing.picture import FONT, drawable, printable
from jmere.records import Extraction, FloatArray
from jmere.show.colours import type_colours
from jmere.show.page import blank_figure, in_notebook, of_post
from jmere.terminal import aligned
from jmere.text.words import Words

_CELL = 0.42
"""Row height in inches."""

DARK = 0.6
"""Share of the value range above which text is white."""

_KINDS = {"plan": "transport plan, % of all mass", "attention": "attention, % of a word's"}
"""Kinds of heat map; maps of one kind share a colour scale."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """One model's alignment of a post, and its entities."""

    name: str
    plan: FloatArray
    """Transport plan, words x objects; sums to 1."""
    attention: FloatArray
    """Attention, words x objects; rows sum to 1."""
    types: tuple[str, ...]
    """Entity type of each word, empty outside entities."""


@dataclass(frozen=True, eq=False)
class AlignmentView:
    """Plan and attention of one or more models, side by side."""

    title: str
    words: tuple[str, ...]
    objects: tuple[str, ...]
    models: tuple[Aligned, ...]

    def figure(self) -> Any:
        """Draw one row of heat maps per model: transport plan, then attention."""
        height = _CELL * len(self.words) + 1.5
        width = 2 * (1.2 + max(0.85 * len(self.objects), 1.6)) + 0.8
        figure = blank_figure(width, height * len(self.models) + 0.4, layout="constrained")
        figure.suptitle(self.title, size=10.5, x=0.01, ha="left")
        panels = figure.subplots(len(self.models), len(_KINDS), squeeze=False)
        for column, kind in enumerate(_KINDS):
            maps, (low, high) = self._maps(kind)
            for line, model, values in zip(panels, self.models, maps, strict=True):
                axes = line[column]
                axes.imshow(values, cmap="Blues", vmin=low, vmax=high, aspect="auto")
                _write_values(axes, values, low + DARK * (high - low))
                axes.set_title(
                    f"{printable(model.name)}\n{_title(kind, values)}", size=9, loc="left", pad=6
                )
                self._label(axes, model.types)
        return figure

    def html(self) -> str:
        """Return the maps as tables in percent, darker for larger values."""
        parts = []
        for kind in _KINDS:
            maps, (low, high) = self._maps(kind)
            for model, values in zip(self.models, maps, strict=True):
                parts.append(f"<h2>{escape(model.name)}: {_title(kind, values)}</h2>")
                shares = (values - low) / (high - low) if high > low else np.zeros_like(values)
                parts.append(self._table(values, shares, model.types))
        return "\n".join(parts)

    def text(self) -> str:
        """Return the maps as text tables in percent."""
        parts = [self.title]
        for model in self.models:
            words = [_marked(*pair) for pair in zip(self.words, model.types, strict=True)]
            for kind in _KINDS:
                values: FloatArray = getattr(model, kind)
                pairs = zip(words, values.tolist(), strict=True)
                rows = [(word, *map(_percent, line)) for word, line in pairs]
                parts.append(
                    f"{model.name}: {_title(kind, values)}\n{aligned(('', *self.objects), rows)}"
                )
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        return in_notebook(self)

    def _maps(self, kind: str) -> tuple[list[FloatArray], tuple[float, float]]:
        """Return all models' values of a kind, with their common minimum and maximum."""
        maps: list[FloatArray] = [getattr(model, kind) for model in self.models]
        low = min((float(values.min()) for values in maps if values.size), default=0.0)
        high = max((float(values.max()) for values in maps if values.size), default=1.0)
        return maps, (low, high)

    def _label(self, axes: Any, types: Sequence[str]) -> None:
        style = {"family": FONT, "size": 8.5, "parse_math": False}
        words = [_marked(drawable(w), kind) for w, kind in zip(self.words, types, strict=True)]
        axes.set_yticks(range(len(words)), words, **style)
        slanted = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
        objects = [drawable(label) for label in self.objects]
        axes.set_xticks(range(len(objects)), objects, **slanted, **style)
        colours = type_colours(types)
        for label, kind in zip(axes.get_yticklabels(), types, strict=True):
            if kind:
                label.set_weight("bold")
                label.set_bbox({"facecolor": colours[kind], "edgecolor": "none", "pad": 1.5})
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)

    def _table(self, values: FloatArray, shares: FloatArray, types: Sequence[str]) -> str:
        colours = type_colours(types)
        head = "".join(f"<th>{escape(label)}</th>" for label in self.objects)
        lines = [f"<table><tr><th></th>{head}</tr>"]
        for word, kind, row, dark in zip(self.words, types, values, shares, strict=True):
            mark = f' style="background:{colours[kind]}"' if kind else ""
            cells = "".join(map(_shaded, row.tolist(), dark.tolist()))
            lines.append(f"<tr><th{mark}>{escape(_marked(word, kind))}</th>{cells}</tr>")
        return "\n".join([*lines, "</table>"])


def show_alignment(found: Sequence[tuple[str, Extraction]], words: Words) -> AlignmentView:
    """Show the alignments of one post by one or more models.

    Args:
        found: A name, and what a model found; all of the same post.
        words: Of the post.

    Raises:
        ValueError: If the post has no object, a model has no alignment, or the models have
            other objects than each other.
    """
    if not found:
        raise ValueError("an alignment requires a model")
    first, reference = found[0][0], found[0][1].alignment
    models = []
    for name, extraction in found:
        alignment = extraction.alignment
        if alignment is None or reference is None:
            raise ValueError(f"{name}: its prediction has no word-object alignment")
        if not alignment.objects:
            raise ValueError(
                "the post has no object to align words with: it needs a scene graph, "
                "an alternative text, or visual graphs by image"
            )
        if alignment.objects != reference.objects:
            raise ValueError(f"{name}: has different objects than {first}")
        types = word_types(extraction, words)
        models.append(Aligned(name, alignment.plan, alignment.attention, types))
    return AlignmentView(
        title=f"Words and objects{of_post(found[0][1].id)}",
        words=words.words,
        objects=reference.objects if reference else (),
        models=tuple(models),
    )


def word_types(extraction: Extraction, words: Words) -> tuple[str, ...]:
    """Return the entity type of each word, empty outside entities."""
    types = [""] * len(words)
    for entity in extraction.entities:
        mention = words.mention(entity)
        if mention is not None:
            types[mention.start : mention.end] = [mention.type] * (mention.end - mention.start)
    return tuple(types)


def _marked(word: str, kind: str) -> str:
    return f"{word} [{kind}]" if kind else word


def _title(kind: str, values: FloatArray) -> str:
    """Return the title of a map, or a note that the model has no such alignment."""
    return _KINDS[kind] if values.any() else f"no {_KINDS[kind].partition(',')[0]}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _shaded(value: float, share: float) -> str:
    ink = ";color:#fff" if share > DARK else ""
    shade = f"background:rgba(8,81,156,{share:.3f}){ink}"
    return f'<td class="figure" style="{shade}">{_percent(value)}</td>'


def _write_values(axes: Any, values: FloatArray, dark: float) -> None:
    for (row, column), value in np.ndenumerate(values):
        ink = "white" if value > dark else "#333333"
        axes.text(column, row, _percent(float(value)), size=7, ha="center", va="center", color=ink)
