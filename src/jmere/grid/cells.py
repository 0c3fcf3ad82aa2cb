"""The cells of many blocks of many grids at once."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int

from jmere.grid.spans import Spans


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a list of blocks, block after block; no block is empty."""

    block: Int[np.ndarray, " cells"]
    """Which block of the list each cell is in."""
    post: Int[np.ndarray, " cells"]
    row: Int[np.ndarray, " cells"]
    column: Int[np.ndarray, " cells"]

    def of(
        self, scores: Float32[np.ndarray, "posts words words tags"]
    ) -> Float32[np.ndarray, "cells tags"]:
        """The scores of every tag in each cell."""
        found: Float32[np.ndarray, "cells tags"] = scores[self.post, self.row, self.column]
        return found


def triangle_cells(spans: Spans) -> Cells:
    """Cells that hold the type of each span: row <= column, both inside it."""
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
    """Cells that hold the relation of each pair; both sides of the diagonal if ``symmetric``."""
    if not symmetric:
        return block_cells(spans, head, tail)
    ends = np.stack([head, tail], axis=1)
    cells = block_cells(spans, ends.ravel(), ends[:, ::-1].ravel())
    return Cells(cells.block // 2, cells.post, cells.row, cells.column)


def block_cells(
    spans: Spans, head: Int[np.ndarray, " blocks"], tail: Int[np.ndarray, " blocks"]
) -> Cells:
    """Cells whose row is in span ``head[b]`` and whose column is in span ``tail[b]``."""
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
    """For runs laid end to end: which run each place is in, and its place in that run."""
    run = np.repeat(np.arange(len(lengths)), lengths)
    first = np.cumsum(lengths) - lengths
    return run, np.arange(len(run)) - first[run]
