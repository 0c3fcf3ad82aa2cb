"""The ONNX engine of the head for ``visible``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jmere.files.json_values import parse_json
from jmere.tagger.folder import WEIGHTS
from jmere.tagger.graph_form import METADATA
from jmere.tagger.graph_session import GraphSession
from jmere.tagger.stored_header import read_stored_header
from jmere.tagger.visible.head_files import VISIBLE_GRAPH, VISIBLE_WEIGHTS
from jmere.tagger.visible.pair_arrays import DescribedPost, by_post, pair_arrays

LOG_ODDS = "log_odds"
"""Output: the log-odds of each entity."""

_TOGETHER = "together"
_BY_ENTITY = ("posts", "spans", "types", "traits")


class OnnxVisible:
    """Scores entities by a graph, on the calling thread.

    Log-odds are the same bytes whatever posts share a call: a graph that does not keep that is
    given one post per call.
    """

    def __init__(self, graph: GraphSession, types: Sequence[str], *, together: bool) -> None:
        """Take a graph.

        Args:
            graph: The graph.
            types: Entity types by number, from 1.
            together: Whether it gives each post the same bytes alone and in a batch.
        """
        self._graph, self._types, self._together = graph, types, together

    @classmethod
    def load(cls, folder: Path, types: Sequence[str]) -> OnnxVisible:
        """Load the graph of a model folder.

        Args:
            folder: The folder.
            types: Entity types by number, from 1.

        Raises:
            ValueError: If the graph is damaged, or was made for other weights.
        """
        path = folder / VISIBLE_GRAPH

        def read(values: Mapping[str, str]) -> dict[str, object]:
            told = parse_json(values[METADATA].encode())
            return told if isinstance(told, dict) else {}

        graph, told = GraphSession.open(path, [WEIGHTS, VISIBLE_WEIGHTS], read)
        together = told.pop(_TOGETHER, False) is True
        if told != _digests(folder):
            raise ValueError(
                f"{path}: is the graph of other weights than {WEIGHTS} and {VISIBLE_WEIGHTS}; "
                "run jmere export onnx"
            )
        return cls(graph, types, together=together)

    def __call__(self, posts: Sequence[DescribedPost]) -> list[NDArray[np.float32]]:
        """Return the log-odds that the entities of each post are visible."""
        if self._together:
            return self.compute(posts)
        return [odds for post in posts for odds in self.compute([post])]

    def compute(self, posts: Sequence[DescribedPost]) -> list[NDArray[np.float32]]:
        """Return the log-odds of the entities of each post, all from one call."""
        arrays = pair_arrays(posts, self._types)
        if len(arrays["types"]) == 1:  # matrices of one row are multiplied in another order
            arrays |= {name: arrays[name].repeat(2, axis=0) for name in _BY_ENTITY}
        odds = self._graph.run([LOG_ODDS], arrays)[LOG_ODDS]
        return by_post(odds[: sum(len(post.mentions) for post in posts)], posts)


def graph_metadata(folder: Path, *, together: bool) -> dict[str, str]:
    """Return the metadata of the graph of a folder.

    Args:
        folder: The folder.
        together: Whether the graph gives each post the same bytes alone and in a batch.
    """
    return {METADATA: json.dumps({**_digests(folder), **({_TOGETHER: True} if together else {})})}


def _digests(folder: Path) -> dict[str, object]:
    """Return what the graph of a folder must say of itself: the digests of its weights."""
    return {name: read_stored_header(folder / name).digest for name in (WEIGHTS, VISIBLE_WEIGHTS)}
