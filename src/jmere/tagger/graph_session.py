"""A graph of a model folder on ONNX Runtime, opened and run on one thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, TypeVar

import onnxruntime as ort
from numpy.typing import NDArray

from jmere.errors import one_line

T = TypeVar("T")


class GraphSession:
    """A session of a graph; its calls compute on the calling thread."""

    def __init__(self, session: ort.InferenceSession, name: str) -> None:
        """Take a session.

        Args:
            session: The session.
            name: Name of the graph's file, for messages.
        """
        self._session, self._name = session, name
        self.outputs = [each.name for each in session.get_outputs()]
        self._inputs = {each.name for each in session.get_inputs()}
        self._options = ort.RunOptions()
        self._options.only_execute_path_to_fetches = True

    @classmethod
    def open(
        cls, path: Path, weights: Sequence[str], read: Callable[[Mapping[str, str]], T]
    ) -> tuple[GraphSession, T]:
        """Open a graph, and read its metadata.

        Args:
            path: The graph.
            weights: Names of the files beside it that hold its weights.
            read: Reads the metadata.

        Raises:
            ValueError: If the graph cannot be run, or ``read`` fails.
        """
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Weights are handed over: a graph then reads no other file, and links are followed.
        parts = [_mapped(path.parent / name) for name in weights]
        options.add_external_initializers_from_files_in_memory(
            list(weights), parts, [len(part) for part in parts]
        )
        try:
            session = ort.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            metadata = read(session.get_modelmeta().custom_metadata_map)
        except Exception as error:  # the library's errors have no common class
            raise ValueError(f"{path}: not a graph that can be run ({one_line(error)})") from None
        return cls(session, path.name), metadata

    def run(
        self, wanted: Sequence[str], arrays: Mapping[str, NDArray[Any]]
    ) -> dict[str, NDArray[Any]]:
        """Return the wanted outputs by name; nothing else is computed.

        Args:
            wanted: Names of outputs.
            arrays: The inputs by name; what is no input of the graph is passed over.

        Raises:
            ValueError: If the graph cannot be run.
        """
        feed = {name: array for name, array in arrays.items() if name in self._inputs}
        try:
            found: list[NDArray[Any]] = self._session.run(list(wanted), feed, self._options)
        except Exception as error:  # the library's errors have no common class
            raise ValueError(f"{self._name}: cannot be run ({one_line(error)})") from None
        return dict(zip(wanted, found, strict=True))


def _mapped(path: Path) -> mmap:
    with path.open("rb") as stream:
        return mmap(stream.fileno(), 0, access=ACCESS_READ)
