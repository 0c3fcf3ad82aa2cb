"""The ONNX engine: a graph on ONNX Runtime, one post per call, posts in parallel.

Activations of the integer products are quantised by the range of a whole tensor, so a post is
never computed together with another: its scores are the same bytes alone, in a batch, and with
any number of threads.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from jmere.errors import one_line
from jmere.inputs.batch import NumpyBatch
from jmere.tagger.folder import GRAPH, WEIGHTS
from jmere.tagger.graph_form import (
    ATTENTION,
    BETWEEN,
    METADATA,
    OBJECT_DISTANCES,
    SCORES,
    WORD_DISTANCES,
    GraphMetadata,
    axes_of,
)
from jmere.tagger.scorer import GridScores, PendingScores
from jmere.tagger.stored_header import read_stored_header
from jmere.tagger.transport_plan import Distances, transport_plan

Arrays = dict[str, NDArray[Any]]


class OnnxScorer:
    """Scores batches by a graph, post by post, on several threads."""

    batches_ahead = 1

    def __init__(
        self, session: ort.InferenceSession, metadata: GraphMetadata, *, threads: int | None = None
    ) -> None:
        """Take a session of the graph.

        Args:
            session: A session that computes on the calling thread.
            metadata: Metadata of the graph.
            threads: Number of posts computed at a time; by default one per processor.
        """
        self.longest, self.vocabulary = metadata.longest, metadata.vocabulary
        self.threads = threads or _processors()
        self._session, self._plan = session, metadata.plan
        self._inputs = {each.name for each in session.get_inputs()}
        self._outputs = [each.name for each in session.get_outputs()]
        self._pool: tuple[int, ThreadPoolExecutor] | None = None
        self._scores_only = ort.RunOptions()
        self._scores_only.only_execute_path_to_fetches = True

    @classmethod
    def load(cls, folder: Path, *, threads: int | None = None) -> OnnxScorer:
        """Load the graph of a model folder.

        Raises:
            ValueError: If the graph is damaged, or was made for other weights.
        """
        path = folder / GRAPH
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Weights are handed over: a graph then reads no other file, and links are followed.
        with (folder / WEIGHTS).open("rb") as stream:
            weights = mmap(stream.fileno(), 0, access=ACCESS_READ)
        options.add_external_initializers_from_files_in_memory([WEIGHTS], [weights], [len(weights)])
        try:
            session = ort.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            values = session.get_modelmeta().custom_metadata_map.get(METADATA, "null")
            metadata = GraphMetadata.from_json(json.loads(values), where=path)
        except Exception as error:  # the library's errors have no common class
            raise ValueError(f"{path}: not a graph that can be run ({one_line(error)})") from None
        if read_stored_header(folder / WEIGHTS).digest != metadata.weights:
            raise ValueError(
                f"{path}: is the graph of other weights than {WEIGHTS}; run jmere export onnx"
            )
        return cls(session, metadata, threads=threads)

    def __call__(self, batch: NumpyBatch, *, alignment: bool = True) -> GridScores:
        """Score a batch; see ``Scorer``."""
        return self.start(batch, alignment=alignment).result()

    def start(self, batch: NumpyBatch, *, alignment: bool = True) -> PendingScores:
        """Begin to score a batch on the engine's threads."""
        pool = self._threads()
        posts = [
            pool.submit(self._score, batch, row, alignment=alignment) for row in range(len(batch))
        ]
        return _Pending(batch, posts)

    def _threads(self) -> ThreadPoolExecutor:
        """Return this process's threads; those of the process it was forked from are gone."""
        if self._pool is None or self._pool[0] != os.getpid():
            self._pool = os.getpid(), ThreadPoolExecutor(self.threads, "jmere-onnx")
        return self._pool[1]

    def _score(self, batch: NumpyBatch, row: int, *, alignment: bool) -> Arrays:
        arrays = cut(batch, row)
        feed = {name: array for name, array in arrays.items() if name in self._inputs}
        if not alignment or not batch.object_mask[row].any():
            (scores,) = self._session.run([SCORES], feed, self._scores_only)
            return {SCORES: scores[0]}
        found = dict(zip(self._outputs, self._session.run(None, feed), strict=True))
        result = {name: found[name][0] for name in (SCORES, ATTENTION) if name in found}
        if self._plan is not None:
            distances = Distances(
                between=found[BETWEEN][0],
                objects=found[OBJECT_DISTANCES][0],
                words=found[WORD_DISTANCES][0],
                object_edges=arrays["relations"][0] > 0,
                word_edges=arrays["dependencies"][0] > 0,
            )
            with np.errstate(all="ignore"):  # what is not finite is met by whoever decodes
                result["plan"] = transport_plan(distances, self._plan).T
        return result


@dataclass(frozen=True, eq=False)
class _Pending:
    """Scores of a batch whose posts are being computed."""

    batch: NumpyBatch
    posts: list[Future[Arrays]]

    def result(self) -> GridScores:
        """Wait for the posts, and pad their scores."""
        found = [post.result() for post in self.posts]
        mask, objects = self.batch.word_mask, self.batch.object_mask
        tags = found[0][SCORES].shape[-1]
        shape = (*mask.shape, mask.shape[1])
        aligned = any(ATTENTION in each for each in found)
        return GridScores(
            _padded([each[SCORES] for each in found], (*shape, tags)),
            mask.sum(axis=1),
            *(
                _padded([each.get(name) for each in found], (*mask.shape, objects.shape[1]))
                if aligned
                else None
                for name in ("plan", ATTENTION)
            ),
        )


def cut(batch: NumpyBatch, row: int) -> Arrays:
    """Return the arrays of one post without padding; there is a word and an object at least."""
    words = max(1, int(batch.word_mask[row].sum()))
    label = int((batch.label_pieces[row] >= 0).sum(axis=1).max(initial=0))
    sizes = {
        "pieces": int(batch.piece_mask[row].sum()),
        "words": words,
        "objects": int(batch.object_mask[row].sum()),
        "label": label,
    }
    arrays: Arrays = {}
    for name, axes in axes_of(batch).items():
        array = getattr(batch, name)[row : row + 1]
        part = array[(slice(None), *(slice(sizes[axis]) for axis in axes))]
        arrays[name] = np.ascontiguousarray(part) if part.size else _masked(name, part, axes)
    pieces, outside = arrays["piece_words"], batch.word_mask.shape[1]
    arrays["piece_words"] = np.where(pieces == outside, words, pieces)
    return arrays


def _masked(name: str, part: NDArray[Any], axes: tuple[str, ...]) -> NDArray[Any]:
    """Return an array whose empty axes have one masked element: a graph has no empty axis."""
    free = len(axes) + 1  # a width of 0 stays
    shape = tuple(max(size, int(place < free)) for place, size in enumerate(part.shape))
    return np.full(shape, -1 if name == "label_pieces" else 0, part.dtype)


def _padded(parts: list[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    whole = np.zeros(shape, np.float32)
    for row, part in zip(whole, parts, strict=True):
        if part is not None:
            row[tuple(slice(size) for size in part.shape)] = part
    return whole


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux tells what this process may use
        return os.cpu_count() or 1
