"""A network as an ONNX graph in float32, its weights inside."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from onnx import ModelProto, TensorProto, helper
from torch import Tensor, nn

from jmere.align.cost import unit
from jmere.export.exporter import export_graph, traceable
from jmere.inputs.batch import NumpyBatch
from jmere.layers.graph_matching import GraphAligner, GraphMatch
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.eega import Eega
from jmere.models.tagging import Tagging
from jmere.tagger.graph_form import OUTPUT_AXES, axes_of

_PART = 128

PREFIX = "network."
"""Prefix of a weight's name in the graph; the rest is its name in the model folder."""


def trace(network: nn.Module, batch: NumpyBatch) -> ModelProto:
    """Trace a network; every axis but widths is free.

    Args:
        network: Any model, in float32 on the processor.
        batch: An example, in which some post has a picture.
    """
    tensors = TensorBatch.of(batch)
    inputs = axes_of(tensors)
    arrays = tuple(getattr(tensors, name) for name in inputs)
    axes = {name: {0: "posts", **dict(enumerate(rest, start=1))} for name, rest in inputs.items()}
    with _exportable(network) as recorder:
        traced = _Traced(network, recorder, list(inputs))
        model = export_graph(
            traced, arrays, inputs=list(inputs), outputs=_outputs(traced, arrays), axes=axes
        )
    outputs = [
        helper.make_tensor_value_info(each.name, TensorProto.FLOAT, OUTPUT_AXES[each.name])
        for each in model.graph.output
    ]
    del model.graph.output[:]  # the exporter keeps some sizes of the example
    model.graph.output.extend(outputs)
    return model


class _Traced(nn.Module):
    """A network whose inputs and outputs are plain tensors."""

    def __init__(self, network: nn.Module, recorder: "_Recorder | None", inputs: list[str]) -> None:
        super().__init__()
        self.network, self._recorder = network, [recorder]  # no second name for its place
        self._inputs = inputs
        self.eval()

    def forward(self, *arrays: Tensor) -> tuple[Tensor, ...]:
        tagging: Tagging = self.network(TensorBatch(**dict(zip(self._inputs, arrays, strict=True))))
        soft, (recorder,) = tagging.alignment, self._recorder
        attention = () if soft is None else (soft.attention,)
        return (tagging.scores, *attention, *(() if recorder is None else recorder.distances))


class _Recorder(nn.Module):
    """Stands in for the transport, and keeps the distances that it would work on."""

    distances: tuple[Tensor, ...] = ()

    def forward(self, objects: Tensor, words: Tensor, **_: Tensor) -> GraphMatch:
        self.distances = (
            _distance(objects, words),
            _distance(objects, objects),
            _distance(words, words),
        )
        nothing = torch.zeros_like(self.distances[0])
        return GraphMatch(nothing.sum(dim=(1, 2)), nothing, {})


def _distance(a: Tensor, b: Tensor) -> Tensor:
    """Return ``cosine_distance`` as a sum over parts of the vectors.

    ONNX Runtime sums products of longer vectors in parts that depend on the number of vectors,
    and a post would not have the same bytes alone and beside a longer one.
    """
    ours, theirs = unit(a), unit(b)
    cosines = torch.zeros(())
    for start in range(0, int(a.shape[-1]), _PART):
        part = slice(start, start + _PART)
        cosines = cosines + ours[..., part] @ theirs[..., part].mT
    return 1 - cosines


@contextmanager
def _exportable(network: nn.Module) -> Iterator[_Recorder | None]:
    """Make a network traceable, with what keeps the distances in place of the transport."""
    aligner = transport_of(network)
    recorder = None if aligner is None else _Recorder()
    with traceable(network):
        try:
            if recorder is not None:
                network.aligner = recorder
            yield recorder
        finally:
            if recorder is not None and aligner is not None:
                network.aligner = aligner


def transport_of(network: nn.Module) -> GraphAligner | None:
    """Return the transport of a network that has one."""
    return network.aligner if isinstance(network, Eega) else None


@torch.inference_mode()
def _outputs(traced: _Traced, arrays: tuple[Tensor, ...]) -> list[str]:
    count = len(traced(*arrays))
    return list(OUTPUT_AXES)[:count]
