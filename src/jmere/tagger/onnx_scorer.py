"""The ONNX engine: a graph on ONNX Runtime, a few posts per call, calls in parallel.

A post's scores are the same bytes alone, in a batch, and with any number of threads. A graph says
whether posts of one call keep that; those of a graph that does not are computed one by one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jmere.inputs.batch import NumpyBatch
from jmere.tagger.engine_threads import MAX_POSTS, EngineThreads
from jmere.tagger.folder import GRAPH, WEIGHTS
from jmere.tagger.graph_form import (
    ATTENTION,
    BETWEEN,
    METADATA,
    NAME_SCORES,
    OBJECT_DISTANCES,
    SCORES,
    WORD_DISTANCES,
    GraphMetadata,
    axes_of,
)
from jmere.tagger.graph_session import GraphSession
from jmere.tagger.names.name_files import NAMES_WEIGHTS
from jmere.tagger.scorer import GridScores, PendingScores
from jmere.tagger.stored_header import read_stored_header
from jmere.tagger.transport_plan import Distances, transport_plan

Arrays = dict[str, NDArray[Any]]

PLAN = "plan"
"""Name of what is computed from the distances that the graph gives."""

LEAST = {"pieces": 2, "words": 2, "objects": 2, "label": 1}
"""Least sizes of a call: matrices of one row are multiplied in another order."""

MAX_PAIRS = 16 * 48 * 48
"""Maximum number of word pairs per call of several posts, padding included."""


class OnnxScorer:
    """Scores batches by a graph, a few posts per call, calls on several threads."""

    def __init__(
        self, graph: GraphSession, metadata: GraphMetadata, *, threads: int | None = None
    ) -> None:
        """Take a graph.

        Args:
            graph: The graph.
            metadata: Its metadata.
            threads: Number of calls at a time; by default one per processor.
        """
        self.longest, self.vocabulary = metadata.longest, metadata.vocabulary
        self.pool = EngineThreads(threads)
        self._graph, self._plan = graph, metadata.plan
        self._together = metadata.together

    @classmethod
    def load(cls, folder: Path, *, threads: int | None = None) -> OnnxScorer:
        """Load the graph of a model folder.

        Raises:
            ValueError: If the graph is damaged, or was made for other weights.
        """
        path = folder / GRAPH

        def read(values: Mapping[str, str]) -> GraphMetadata:
            return GraphMetadata.from_json(json.loads(values.get(METADATA, "null")), where=path)

        named = (folder / NAMES_WEIGHTS).is_file()
        files = [WEIGHTS, *([NAMES_WEIGHTS] if named else [])]
        graph, metadata = GraphSession.open(path, files, read)
        for name, digest in ((WEIGHTS, metadata.weights), (NAMES_WEIGHTS, metadata.names)):
            own = read_stored_header(folder / name).digest if name in files else None
            if own != digest:
                raise ValueError(
                    f"{path}: is the graph of other weights than {name}; run jmere export onnx"
                )
        return cls(graph, metadata, threads=threads)

    def __call__(
        self, batch: NumpyBatch, *, alignment: bool = True, names: bool = False
    ) -> GridScores:
        """Score a batch; see ``Scorer``."""
        return self.start(batch, alignment=alignment, names=names).result()

    def start(
        self, batch: NumpyBatch, *, alignment: bool = True, names: bool = False
    ) -> PendingScores:
        """Begin to score a batch on the engine's threads."""
        calls = [
            self.pool.submit(self.compute, batch, rows, alignment=alignment, names=names)
            for rows in self._groups(batch)
        ]
        return _Pending(batch, calls)

    def _groups(self, batch: NumpyBatch) -> list[slice]:
        """Return the rows of each call: neighbours, enough calls for all threads."""
        if not self._together:
            return [slice(row, row + 1) for row in range(len(batch))]
        most = min(MAX_POSTS, math.ceil(len(batch) / self.pool.count))
        words = batch.word_mask.sum(axis=1)
        starts = [0]
        for row in range(1, len(batch)):
            posts = row + 1 - starts[-1]
            if posts > most or posts * words[starts[-1] : row + 1].max() ** 2 > MAX_PAIRS:
                starts.append(row)
        return [slice(*ends) for ends in pairwise([*starts, len(batch)])]

    def compute(
        self, batch: NumpyBatch, rows: slice, *, alignment: bool, names: bool = False
    ) -> list[Arrays]:
        """Score some posts of a batch in one call, on the calling thread.

        Returns:
            The outputs for each post; padding may contain any value.
        """
        arrays = cut(batch, rows)
        words, objects = (
            mask[rows].sum(axis=1).tolist() for mask in (batch.word_mask, batch.object_mask)
        )
        matched = alignment and any(objects)
        wanted = self._graph.outputs if matched else [SCORES, NAME_SCORES]
        found = self._graph.run(
            [
                name
                for name in wanted
                if name in self._graph.outputs and (names or name != NAME_SCORES)
            ],
            arrays,
        )
        result = [
            {name: found[name][row] for name in (SCORES, ATTENTION, NAME_SCORES) if name in found}
            for row in range(len(objects))
        ]
        if matched and self._plan is not None:
            for row, count in enumerate(objects):
                if count:
                    result[row][PLAN] = self._transported(
                        arrays, found, row, words=words[row] or 1, objects=count
                    )
        return result

    def _transported(
        self, arrays: Arrays, found: Arrays, row: int, *, words: int, objects: int
    ) -> NDArray[np.float32]:
        """Return the plan of a post of a call, words first."""
        assert self._plan is not None
        distances = Distances(
            between=_own(found[BETWEEN][row], objects, words),
            objects=_own(found[OBJECT_DISTANCES][row], objects, objects),
            words=_own(found[WORD_DISTANCES][row], words, words),
            object_edges=_own(arrays["relations"][row] > 0, objects, objects),
            word_edges=_own(arrays["dependencies"][row] > 0, words, words),
        )
        with np.errstate(all="ignore"):  # what is not finite is met by whoever decodes
            return transport_plan(distances, self._plan).T.astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Pending:
    """Scores of a batch whose posts are being computed."""

    batch: NumpyBatch
    calls: list[Future[list[Arrays]]]

    def result(self) -> GridScores:
        """Wait for the posts, and pad their scores."""
        found = [post for call in self.calls for post in call.result()]
        mask, objects = self.batch.word_mask, self.batch.object_mask
        tags = found[0][SCORES].shape[-1]
        shape = (*mask.shape, mask.shape[1])
        aligned = any(ATTENTION in each for each in found)
        labels = found[0][NAME_SCORES].shape[-1] if NAME_SCORES in found[0] else 0
        plan, attention = (
            _padded([each.get(name) for each in found], (*mask.shape, objects.shape[1]))
            if aligned
            else None
            for name in (PLAN, ATTENTION)
        )
        return GridScores(
            _padded([each[SCORES] for each in found], (*shape, tags)),
            mask.sum(axis=1),
            plan,
            attention,
            _padded([each[NAME_SCORES] for each in found], (*mask.shape, labels))
            if labels
            else None,
        )


def cut(batch: NumpyBatch, rows: slice) -> Arrays:
    """Return the arrays of some posts, padded to the longest, and to ``LEAST``."""
    longest = {
        "pieces": batch.piece_mask[rows].sum(axis=1),
        "words": batch.word_mask[rows].sum(axis=1),
        "objects": batch.object_mask[rows].sum(axis=1),
        "label": (batch.label_pieces[rows] >= 0).sum(axis=2),
    }
    sizes = {axis: int(own.max(initial=LEAST[axis])) for axis, own in longest.items()}
    arrays = {
        name: _resized(getattr(batch, name)[rows], [sizes[axis] for axis in axes], name)
        for name, axes in axes_of(batch).items()
    }
    pieces, outside = arrays["piece_words"], batch.word_mask.shape[1]
    arrays["piece_words"] = np.where(pieces == outside, sizes["words"], pieces)
    return arrays


def _resized(array: NDArray[Any], sizes: Sequence[int], name: str) -> NDArray[Any]:
    """Cut the axes after the first, or fill them with what is masked; a width stays."""
    part = array[(slice(None), *map(slice, sizes))]
    missing = [(0, max(0, size - have)) for size, have in zip(sizes, part.shape[1:], strict=False)]
    if not any(after for _, after in missing):
        return np.ascontiguousarray(part)
    widths = [(0, 0), *missing, *[(0, 0)] * (part.ndim - 1 - len(missing))]
    return np.pad(part, widths, constant_values=-1 if name == "label_pieces" else 0)


def _own(array: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    """Return a corner of a matrix as one of its own: how it lies in memory orders its sums."""
    return np.ascontiguousarray(array[:rows, :columns])


def _padded(parts: list[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    whole = np.zeros(shape, np.float32)
    for row, part in zip(whole, parts, strict=True):
        if part is not None:
            part = part[tuple(map(slice, row.shape))]
            row[tuple(map(slice, part.shape))] = part
    return whole
