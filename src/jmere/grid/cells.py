"""Cells of blocks of word-pair grids, for a whole batch at once."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int

from jmere.grid.spans import Spans


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of a list of blocks, ordered by block; no block is empty."""

    block: Int[np.ndarray, " cells"]
    """Index of each cell's block in the list."""
    post: Int[np.ndarray, " cells"]
    row: Int[np.ndarray, " cells"]
    column: Int[np.ndarray, " cells"]

    def of(
        self, scores: Float32[np.ndarray, "posts words words tags"]
    ) -> Float32[np.ndarray, "cells tags"]:
        """Return the scores of every tag in each cell."""
        found: Float32[np.ndarray, "cells tags"] = scores[self.post, self.row, self.column]
        return found


def triangle_cells(spans: Spans) -> Cells:
    """Return the cells with the type of each span: row <= column, both inside the span.

    Example:
        >>> one = Spans(*(np.array([number]) for number in (0, 2, 4, 1)))
        >>> cells = triangle_cells(one)
        >>> list(zip(cells.row.tolist(), cells.column.tolist()))
        [(2, 2), (2, 3), (3, 3)]
    """
    every = np.arange(len(spans))
    cells = block_cells(spans, every, every)
    upper = cells.row <= cells.column
    return Cells(cells.block[upper], cells.post[upper], cells.row[upper], cells.column[upper])


def pair_cells(
    spans: Spans,
    head: Int[np.ndarray, " pairs"],
    tail: Int[np.ndarray, " pairs"],
    *,
    symmetric: bool,
) -> Cells:
    """Return the cells with the relation of each pair; on both sides if ``symmetric``."""
    if not symmetric:
        return block_cells(spans, head, tail)
    ends = np.stack([head, tail], axis=1)
    cells = block_cells(spans, ends.ravel(), ends[:, ::-1].ravel())
    return Cells(cells.block // 2, cells.post, cells.row, cells.column)


def block_cells(
    spans: Spans, head: Int[np.ndarray, " blocks"], tail: Int[np.ndarray, " blocks"]
) -> Cells:
    """Return the cells whose row is in span ``head[b]`` and column in span ``tail[b]``."""
    width = spans.size[tail]
    block, within = runs(spans.size[head] * width)
    row, column = np.divmod(within, width[block])
    return Cells(
        block=block,
        post=spans.post[head][block],
        row=spans.start[head][block] + row,
        column=spans.start[tail][block] + column,
    )


def runs(
    lengths: Int[np.ndarray, " runs"],
) -> tuple[Int[np.ndarray, " total"], Int[np.ndarray, " total"]]:
    """Return, for each position of concatenated runs, its run and its index in that run.

    Example:
        >>> [each.tolist() for each in runs(np.array([2, 3]))]
        [[0, 0, 1, 1, 1], [0, 1, 0, 1, 2]]
    """
    run = np.repeat(np.arange(len(lengths)), lengths)
    first = np.cumsum(lengths) - lengths
    return run, np.arange(len(run)) - first[run]
