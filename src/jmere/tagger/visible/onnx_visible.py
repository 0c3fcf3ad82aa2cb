"""The ONNX engine of the head for ``visible``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jmere.files.json_values import parse_json
from jmere.tagger.folder import WEIGHTS
from jmere.tagger.graph_form import METADATA
from jmere.tagger.graph_session import GraphSession
from jmere.tagger.stored_header import read_stored_header
from jmere.tagger.visible.head_files import VISIBLE_GRAPH, VISIBLE_WEIGHTS
from jmere.tagger.visible.pair_arrays import PairArrays

LOG_ODDS = "log_odds"
"""Output: the log-odds of each entity."""


class OnnxVisible:
    """Scores entities by a graph, one post per call, on the calling thread."""

    def __init__(self, graph: GraphSession) -> None:
        self._graph = graph

    @classmethod
    def load(cls, folder: Path) -> OnnxVisible:
        """Load the graph of a model folder.

        Raises:
            ValueError: If the graph is damaged, or was made for other weights.
        """
        path = folder / VISIBLE_GRAPH

        def read(values: Mapping[str, str]) -> object:
            return parse_json(values[METADATA].encode())

        graph, told = GraphSession.open(path, [WEIGHTS, VISIBLE_WEIGHTS], read)
        if told != graph_digests(folder):
            raise ValueError(
                f"{path}: is the graph of other weights than {WEIGHTS} and {VISIBLE_WEIGHTS}; "
                "run jmere export onnx"
            )
        return cls(graph)

    def __call__(self, arrays: PairArrays) -> NDArray[np.float32]:
        """Return the log-odds that each entity of one post is visible."""
        return self._graph.run([LOG_ODDS], arrays)[LOG_ODDS]


def graph_digests(folder: Path) -> dict[str, object]:
    """Return what the graph of a folder must say of itself: the digests of its weights."""
    return {name: read_stored_header(folder / name).digest for name in (WEIGHTS, VISIBLE_WEIGHTS)}


def graph_metadata(folder: Path) -> dict[str, str]:
    """Return the metadata of the graph of a folder."""
    return {METADATA: json.dumps(graph_digests(folder))}
