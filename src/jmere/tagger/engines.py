"""Engines: which one runs a model folder, and its scorer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

from jmere.errors import nearest, require
from jmere.inputs.batcher import Batcher
from jmere.tagger.folder import GRAPH
from jmere.tagger.scorer import Backend, Scorer


def begin_scorer(
    folder: Path,
    values: Mapping[str, Any],
    batcher: Batcher,
    *,
    backend: Backend = "auto",
    device: str = "cpu",
) -> Callable[[], Scorer]:
    """Begin to load the model of a folder into an engine; call the result to wait for it.

    ONNX Runtime loads on a thread of its own, so that the caller can load the parser meanwhile.

    Args:
        folder: The folder.
        values: Its config.
        batcher: Its vocabularies.
        backend: The engine.
        device: Device of the torch engine.

    Raises:
        FileNotFoundError: If ONNX Runtime is asked for, but the folder has no graph.
        MissingExtraError: If the engine is not installed.
        ValueError: If there is no such engine or device, or the model is damaged.
    """
    if backend not in get_args(Backend):
        raise ValueError(f"unknown backend {backend!r}; {nearest(str(backend), get_args(Backend))}")
    if backend == "onnx" or (backend == "auto" and _runs_on_onnx(folder, device)):
        if not (folder / GRAPH).is_file():
            raise FileNotFoundError(
                f"{folder}: no {GRAPH}; jmere export onnx writes a folder with one"
            )
        from jmere.tagger.onnx_scorer import OnnxScorer

        pool = ThreadPoolExecutor(1, "jmere-load")
        loading = pool.submit(OnnxScorer.load, folder)
        pool.shutdown(wait=False)
        return loading.result
    for module in ("torch", "transformers"):
        require(module, "torch", f"{folder}: without {GRAPH}, or with backend 'torch', this model")
    from jmere.tagger.torch_scorer import load_network

    scorer = load_network(folder, values, batcher)
    scorer.to(device)
    return lambda: scorer


def _runs_on_onnx(folder: Path, device: str) -> bool:
    return device == "cpu" and (folder / GRAPH).is_file() and find_spec("onnxruntime") is not None
