"""Model folders with a graph that ONNX Runtime runs."""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jmere.errors import MissingExtraError, require
from jmere.files.folders import MARKER, folder_replaced, mark
from jmere.files.whole import written_whole
from jmere.tagger.folder import GRAPH, WEIGHTS, find_folder, legal_files
from jmere.tagger.graph_form import METADATA, GraphMetadata
from jmere.tagger.names.name_files import NAMES_CONFIG, NAMES_WEIGHTS, has_names
from jmere.tagger.stored_header import read_stored_header
from jmere.tagger.tagger import Tagger
from jmere.tagger.transport_plan import PlanOptions
from jmere.tagger.visible.head_files import VISIBLE_CONFIG, VISIBLE_WEIGHTS, has_head

if TYPE_CHECKING:
    from onnx import ModelProto

    from jmere.export.agreement import Agreement

log = logging.getLogger(__name__)


def export_onnx(
    model: str | Path, output: str | Path, *, int8: bool = False, parser: str | None = None
) -> Agreement:
    """Write a copy of a model folder that runs without torch.

    Args:
        model: Model folder, hub id or ``default``.
        output: The new folder; one that this program made is replaced.
        int8: Store matrices as integers and compute large products in integers; otherwise the
            graph computes in single precision.
        parser: A spaCy model in place of the one the model was trained with.

    Returns:
        The difference between the engines on sample posts.

    Raises:
        FileNotFoundError: If there is no such model.
        MissingExtraError: If torch or onnx is not installed.
        ValueError: If the folder holds no model, or the engines differ.
    """
    from jmere.export.agreement import compare_engines

    _require_export()
    tagger = Tagger.from_pretrained(model, parser=parser, backend="torch")
    with folder_replaced(output) as part:
        tagger.save_pretrained(part / "model", precision="int8" if int8 else "float32")
        for path in (part / "model").iterdir():
            path.rename(part / path.name)
        (part / "model").rmdir()
        source = find_folder(model)
        _copy(source, part, *(path.name for path in legal_files(source)))
        _copy_names(source, part)
        _write_graph(tagger, part, int8=int8)
        _copy_heads(source, part)
        if int8:
            tagger = Tagger.from_pretrained(part, parser=parser, backend="torch")
        return compare_engines(tagger, part, exact=not int8)


def write_graph_file(tagger: Tagger, folder: Path, *, int8: bool = False) -> bool:
    """Write the graph of a model folder beside its weights, and compare the engines.

    Args:
        tagger: The model of the folder, on the torch engine.
        folder: The folder.
        int8: Whether large products are computed in integers, where weights are stored as such.

    Returns:
        Whether it was written; a missing library is logged.

    Raises:
        ValueError: If the engines differ.
    """
    from jmere.export.agreement import compare_engines

    try:
        _require_export()
    except MissingExtraError as error:
        log.info("%s is not written: %s", GRAPH, error)
        return False
    _write_graph(tagger, folder, int8=int8)
    compare_engines(tagger, folder, exact=not int8)
    if (folder / MARKER).exists():
        mark(folder)
    return True


def export_requirements() -> bool:
    """Return whether a graph can be written here; a missing library is logged."""
    try:
        _require_export()
    except MissingExtraError as error:
        log.info("no graph is written: %s", error)
        return False
    return True


def _require_export() -> None:
    for module in ("torch", "transformers", "onnx", "onnxruntime"):
        require(module, "train", "exporting a graph")


def _copy_heads(source: Path, folder: Path) -> None:
    """Give the copy of a model the heads for ``visible`` that the model has."""
    from jmere.export.visible_graph import write_visible_graph

    if has_head(source):
        _copy(source, folder, VISIBLE_CONFIG, VISIBLE_WEIGHTS)
        write_visible_graph(folder)


def _copy_names(source: Path, folder: Path) -> None:
    """Give the copy of a model the head for names that the model has."""
    if has_names(source):
        _copy(source, folder, NAMES_CONFIG, NAMES_WEIGHTS)


def _copy(source: Path, folder: Path, *names: str) -> None:
    for name in names:
        shutil.copyfile(source / name, folder / name)


def _write_graph(tagger: Tagger, folder: Path, *, int8: bool) -> None:
    from jmere.export.agreement import same_together, sample_batch
    from jmere.export.stored_weights import detach_weights
    from jmere.export.tracing import trace, transport_of
    from jmere.tagger.torch_scorer import TorchScorer

    batch = sample_batch(tagger)
    header = read_stored_header(folder / WEIGHTS)
    names = read_stored_header(folder / NAMES_WEIGHTS) if has_names(folder) else None
    head = tagger.scorer.names if isinstance(tagger.scorer, TorchScorer) and names else None
    model = trace(tagger.network, batch, head)
    detach_weights(model, header if names is None else header.joined(names), integers=int8)
    aligner = transport_of(tagger.network)
    metadata = GraphMetadata(
        weights=header.digest,
        names=None if names is None else names.digest,
        longest=tagger.scorer.longest,
        vocabulary=tagger.scorer.vocabulary,
        plan=None
        if aligner is None
        else PlanOptions(
            **{each.name: getattr(aligner, each.name) for each in fields(PlanOptions)}
        ),
    )
    _write(model, metadata, folder / GRAPH)
    if same_together(folder, batch):
        _write(model, replace(metadata, together=True), folder / GRAPH)


def _write(model: ModelProto, metadata: GraphMetadata, path: Path) -> None:
    import onnx

    onnx.helper.set_model_props(model, {METADATA: json.dumps(metadata.to_json())})
    with written_whole(path, binary=True) as stream:
        stream.write(model.SerializeToString())
