"""The ONNX engine of the head for ``visible``."""

from __future__ import annotations

import json
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from jmere.errors import one_line
from jmere.files.json_values import parse_json
from jmere.tagger.folder import WEIGHTS
from jmere.tagger.graph_form import METADATA
from jmere.tagger.stored_header import read_stored_header
from jmere.tagger.visible.head_files import VISIBLE_GRAPH, VISIBLE_WEIGHTS
from jmere.tagger.visible.pair_arrays import INPUTS, PairArrays

LOG_ODDS = "log_odds"
"""Output: the log-odds of each entity."""


class OnnxVisible:
    """Scores entities by a graph, one post per call, on the calling thread."""

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session
        self._inputs = {each.name for each in session.get_inputs()}

    @classmethod
    def load(cls, folder: Path) -> OnnxVisible:
        """Load the graph of a model folder.

        Raises:
            ValueError: If the graph is damaged, or was made for other weights.
        """
        path = folder / VISIBLE_GRAPH
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        names, parts = [WEIGHTS, VISIBLE_WEIGHTS], []
        for name in names:
            with (folder / name).open("rb") as stream:
                parts.append(mmap(stream.fileno(), 0, access=ACCESS_READ))
        options.add_external_initializers_from_files_in_memory(names, parts, [*map(len, parts)])
        try:
            session = ort.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            told = parse_json(session.get_modelmeta().custom_metadata_map[METADATA].encode())
        except Exception as error:  # the library's errors have no common class
            raise ValueError(f"{path}: not a graph that can be run ({one_line(error)})") from None
        if told != graph_digests(folder):
            raise ValueError(
                f"{path}: is the graph of other weights than {WEIGHTS} and {VISIBLE_WEIGHTS}; "
                "run jmere export onnx"
            )
        return cls(session)

    def __call__(self, arrays: PairArrays) -> NDArray[np.float32]:
        """Return the log-odds that each entity of one post is visible."""
        feed = {name: arrays[name] for name in INPUTS if name in self._inputs}
        found: NDArray[np.float32] = self._session.run([LOG_ODDS], feed)[0]
        return found


def graph_digests(folder: Path) -> dict[str, object]:
    """Return what the graph of a folder must say of itself: the digests of its weights."""
    return {name: read_stored_header(folder / name).digest for name in (WEIGHTS, VISIBLE_WEIGHTS)}


def graph_metadata(folder: Path) -> dict[str, str]:
    """Return the metadata of the graph of a folder."""
    return {METADATA: json.dumps(graph_digests(folder))}
