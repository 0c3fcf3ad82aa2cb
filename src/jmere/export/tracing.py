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
from jmere.layers.name_head import NameHead
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.eega import Eega
from jmere.models.tagging import Tagging
from jmere.tagger.graph_form import ATTENTION, DISTANCES, NAME_SCORES, OUTPUT_AXES, SCORES, axes_of
from jmere.tagger.names.torch_names import tag_with_names

_PART = 128

PREFIX = "network."
"""Prefix of a weight's name in the graph; the rest is its name in the model folder."""


def trace(network: nn.Module, batch: NumpyBatch, names: NameHead | None = None) -> ModelProto:
    """Trace a network; every axis but widths is free.

    Args:
        network: Any model, in float32 on the processor.
        batch: An example, in which some post has a picture.
        names: A head for names over its encoder, which the graph then has, too.
    """
    tensors = TensorBatch.of(batch)
    inputs = axes_of(tensors)
    arrays = tuple(getattr(tensors, name) for name in inputs)
    axes = {name: {0: "posts", **dict(enumerate(rest, start=1))} for name, rest in inputs.items()}
    with _exportable(network, names) as recorder:
        traced = _Traced(network, recorder, list(inputs))
        outputs = _outputs(traced, arrays)
        model = export_graph(traced, arrays, inputs=list(inputs), outputs=outputs, axes=axes)
    del model.graph.output[:]  # the exporter keeps some sizes of the example
    model.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, OUTPUT_AXES[name])
        for name in outputs
    )
    return model


class _Traced(nn.Module):
    """A network whose inputs and outputs are plain tensors."""

    def __init__(self, network: nn.Module, recorder: "_Recorder | None", inputs: list[str]) -> None:
        super().__init__()
        self.network, self._recorder = network, [recorder]  # no second name for its place
        self._inputs = inputs
        self.eval()

    def forward(self, *arrays: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.named(*arrays).values())

    def named(self, *arrays: Tensor) -> dict[str, Tensor]:
        """Return the outputs by name, in the order of the graph's."""
        batch = TensorBatch(**dict(zip(self._inputs, arrays, strict=True)))
        head, (recorder,) = getattr(self.network, NAME_SCORES, None), self._recorder
        labels: dict[str, Tensor] = {}
        if head is None:
            tagging: Tagging = self.network(batch)
        else:
            tagging, labels[NAME_SCORES] = tag_with_names(self.network, head, batch)
        found = {SCORES: tagging.scores}
        if tagging.alignment is not None:
            found[ATTENTION] = tagging.alignment.attention
        if recorder is not None:
            found |= zip(DISTANCES, recorder.distances, strict=True)
        return found | labels


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
def _exportable(network: nn.Module, names: NameHead | None) -> Iterator[_Recorder | None]:
    """Make a network traceable, with what keeps the distances in place of the transport.

    Meanwhile the head for names is a part of the network, so that its weights have their names.
    """
    aligner = transport_of(network)
    recorder = None if aligner is None else _Recorder()
    with traceable(network):
        try:
            if recorder is not None:
                network.aligner = recorder
            if names is not None:
                network.add_module(NAME_SCORES, names)
            yield recorder
        finally:
            if names is not None:
                delattr(network, NAME_SCORES)
            if recorder is not None and aligner is not None:
                network.aligner = aligner


def transport_of(network: nn.Module) -> GraphAligner | None:
    """Return the transport of a network that has one."""
    return network.aligner if isinstance(network, Eega) else None


@torch.inference_mode()
def _outputs(traced: _Traced, arrays: tuple[Tensor, ...]) -> list[str]:
    return list(traced.named(*arrays))
