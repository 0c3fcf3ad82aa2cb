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
from jmere.tagger.visible.pair_arrays import INPUTS, DescribedPost, pair_arrays
from jmere.tagger.visible.torch_visible import load_visible
from jmere.text.pieces import SPECIAL, Pieces

MAX_LOG_ODDS_DIFFERENCE = 1e-3
"""Largest difference of the engines in log-odds, in single precision."""

_AXES: dict[str, dict[int, str]] = {
    **{name: {0: "posts", 1: "pieces"} for name in INPUTS[:5]},
    "posts": {0: "entities"},
    "spans": {0: "entities", 1: "pieces"},
    "types": {0: "entities"},
    "traits": {0: "entities"},
    LOG_ODDS: {0: "entities"},
}


def write_visible_graph(folder: Path) -> float:
    """Write the graph of the heads of a model folder, and compare the engines.

    The encoder's large products are computed in integers where its weights are stored as such.

    Args:
        folder: A folder with the files of heads.

    Returns:
        The largest difference in log-odds on sample posts.

    Raises:
        ValueError: If the head is damaged, or the engines differ in single precision.
    """
    config = read_head_config(folder)
    scorer = load_visible(folder, config)
    model = _trace(scorer.network, config.longest)
    header = read_stored_header(folder / WEIGHTS)
    integers = "I8" in header.types.values()
    header = header.joined(read_stored_header(folder / VISIBLE_WEIGHTS))
    detach_weights(model, header, integers=integers)
    _write(model, folder, together=False)
    samples = _samples(config.longest)
    written = OnnxVisible.load(folder, config.types)
    alone = [written.compute([post])[0] for post in samples]
    difference = max(
        float(np.abs(ours - theirs).max())
        for ours, theirs in zip(scorer(samples), alone, strict=True)
    )
    if difference > MAX_LOG_ODDS_DIFFERENCE and not integers:
        raise ValueError(
            f"{folder}: the engines differ by {difference:.2g} in log-odds of visible; "
            f"expected at most {MAX_LOG_ODDS_DIFFERENCE:g}"
        )
    beside = written.compute(samples)
    if [odds.tobytes() for odds in alone] == [odds.tobytes() for odds in beside]:
        _write(model, folder, together=True)
    return difference


def _write(model: ModelProto, folder: Path, *, together: bool) -> None:
    del model.metadata_props[:]
    helper.set_model_props(model, graph_metadata(folder, together=together))
    with written_whole(folder / VISIBLE_GRAPH, binary=True) as stream:
        stream.write(model.SerializeToString())


def _samples(longest: int) -> list[DescribedPost]:
    """Return posts of several lengths, with one entity or several."""
    most = (longest - 4) // 2
    return [_sample(min(words, most), 1 + words % 3) for words in (8, 1, 23, 60)]


def _sample(words: int, entities: int) -> DescribedPost:
    """Return a post of some words of a piece each, and a description of half as many."""
    post = Pieces(tuple(1 + n % 19 for n in range(words + 2)), (SPECIAL, *range(words), SPECIAL))
    told = 1 + words // 2
    context = Pieces(tuple(20 + n % 6 for n in range(told + 1)), (*range(told), SPECIAL))
    mentions = tuple(Mention(at % words, at % words + 1, "") for at in range(entities))
    return DescribedPost(post, (1,) * words, context, (1,) * told, mentions)


def _trace(network: VisibleNetwork, longest: int) -> ModelProto:
    sample = pair_arrays(_samples(longest), ())
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
