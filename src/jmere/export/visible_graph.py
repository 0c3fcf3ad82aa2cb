"""The graph of a head for ``visible``, with the encoder that it shares with the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from onnx import ModelProto, helper

from jmere.export.exporter import export_graph, traceable
from jmere.export.stored_weights import detach_weights
from jmere.files.whole import written_whole
from jmere.layers.visible import VisibleNetwork
from jmere.records import Mention
from jmere.tagger.folder import WEIGHTS
from jmere.tagger.stored_header import read_stored_header
from jmere.tagger.visible.head_files import VISIBLE_GRAPH, VISIBLE_WEIGHTS, read_head_config
from jmere.tagger.visible.onnx_visible import LOG_ODDS, OnnxVisible, graph_metadata
from jmere.tagger.visible.pair_arrays import INPUTS, DescribedPost, PairArrays, pair_arrays
from jmere.tagger.visible.torch_visible import load_visible
from jmere.text.pieces import SPECIAL, Pieces

MAX_LOG_ODDS_DIFFERENCE = 1e-3
"""Largest difference of the engines in log-odds, in float32."""

_AXES: dict[str, dict[int, str]] = {
    **{name: {0: "posts", 1: "pieces"} for name in INPUTS[:5]},
    "posts": {0: "entities"},
    "spans": {0: "entities", 1: "all_pieces"},
    "types": {0: "entities"},
    "traits": {0: "entities"},
    LOG_ODDS: {0: "entities"},
}


def write_visible_graph(folder: Path) -> float:
    """Write the graph of the heads of a model folder, and compare the engines.

    It computes in single precision, however the weights are stored: the heads have learned from
    states of that precision, and integer products would cost them 0.4 F1.

    Args:
        folder: A folder with the files of heads.

    Returns:
        The largest difference in log-odds on a sample.

    Raises:
        ValueError: If the head is damaged, or the engines differ.
    """
    scorer = load_visible(folder, read_head_config(folder))
    model = _trace(scorer.network)
    header = read_stored_header(folder / WEIGHTS)
    header = header.joined(read_stored_header(folder / VISIBLE_WEIGHTS))
    detach_weights(model, header, integers=False)
    helper.set_model_props(model, graph_metadata(folder))
    with written_whole(folder / VISIBLE_GRAPH, binary=True) as stream:
        stream.write(model.SerializeToString())
    written, sample = OnnxVisible.load(folder), _sample()
    difference = float(np.abs(scorer(sample) - written(sample)).max())
    if difference > MAX_LOG_ODDS_DIFFERENCE:
        raise ValueError(
            f"{folder}: the engines differ by {difference:.2g} in log-odds of visible; "
            f"expected at most {MAX_LOG_ODDS_DIFFERENCE:g}"
        )
    return difference


def _sample() -> PairArrays:
    """Return a post of ten pieces, two of them an entity, and a description of six."""
    post = Pieces(tuple(range(1, 11)), (SPECIAL, *range(8), SPECIAL))
    context = Pieces(tuple(range(20, 26)), (*range(5), SPECIAL))
    mentions = (Mention(1, 3, ""), Mention(4, 5, ""))
    return pair_arrays([DescribedPost(post, (1,) * 8, context, (1,) * 5, mentions)], ())


def _trace(network: VisibleNetwork) -> ModelProto:
    sample = _sample()
    with traceable(network):
        return export_graph(
            _Traced(network),
            [torch.from_numpy(sample[name]) for name in INPUTS],
            inputs=INPUTS,
            outputs=[LOG_ODDS],
            axes=_AXES,
        )


class _Traced(torch.nn.Module):
    """Gives the weights the names that ``detach_weights`` expects."""

    def __init__(self, network: VisibleNetwork) -> None:
        super().__init__()
        self.network = network
        self.eval()

    def forward(self, *arrays: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.network(*arrays)
        return found
