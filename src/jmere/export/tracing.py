"""A network as an ONNX graph in float32, its weights inside."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import config
from onnx import ModelProto, TensorProto, helper, load_from_string
from torch import Tensor, nn
from torch.onnx.symbolic_opset9 import exp, sub, transpose

from jmere.align.cost import unit
from jmere.inputs.batch import NumpyBatch
from jmere.layers.graph_matching import GraphAligner, GraphMatch
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.eega import Eega
from jmere.models.tagging import Tagging
from jmere.tagger.graph_form import OUTPUT_AXES, axes_of

OPSET = 18

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
    stream = io.BytesIO()
    exporter: Any = torch.onnx
    exporter.register_custom_op_symbolic("aten::mT", _matrix_transpose, OPSET)
    exporter.register_custom_op_symbolic("aten::expm1", _expm1, OPSET)
    with _exportable(network) as recorder, warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # of what is fixed here: widths, and that there are objects
        traced = _Traced(network, recorder, list(inputs))
        exporter.export(
            traced,
            arrays,
            stream,
            input_names=list(inputs),
            output_names=_outputs(traced, arrays),
            dynamic_axes=axes,
            opset_version=OPSET,
            do_constant_folding=False,
            dynamo=False,
        )
    model = load_from_string(stream.getvalue())
    outputs = [
        helper.make_tensor_value_info(each.name, TensorProto.FLOAT, OUTPUT_AXES[each.name])
        for each in model.graph.output
    ]
    del model.graph.output[:]  # the exporter keeps some sizes of the example
    model.graph.output.extend(outputs)
    return model


def _matrix_transpose(graph: Any, tensor: Any) -> Any:
    """Export ``.mT``, which the exporter does not know."""
    return transpose(graph, tensor, -2, -1)


def _expm1(graph: Any, tensor: Any) -> Any:
    """Export ``expm1``, which the exporter does not know either."""
    return sub(graph, exp(graph, tensor), graph.op("Constant", value_t=torch.tensor(1.0)))


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
    """Replace what cannot be traced meanwhile: the transport, fused attention, shape checks."""
    transformers: list[Any] = [
        module for module in network.modules() if hasattr(module, "set_attn_implementation")
    ]
    before = [module.config._attn_implementation for module in transformers]
    for module in transformers:
        module.set_attn_implementation("eager")
    aligner = transport_of(network)
    recorder = None if aligner is None else _Recorder()
    training, unchecked = network.training, config.jaxtyping_disable
    config.update("jaxtyping_disable", True)  # sizes are tensors while a network is traced
    try:
        if recorder is not None:
            network.aligner = recorder
        yield recorder
    finally:
        config.update("jaxtyping_disable", unchecked)
        if recorder is not None and aligner is not None:
            network.aligner = aligner
        network.train(training)
        for module, implementation in zip(transformers, before, strict=True):
            module.set_attn_implementation(implementation)


def transport_of(network: nn.Module) -> GraphAligner | None:
    """Return the transport of a network that has one."""
    return network.aligner if isinstance(network, Eega) else None


def _outputs(traced: _Traced, arrays: tuple[Tensor, ...]) -> list[str]:
    count = len(traced(*arrays))
    return list(OUTPUT_AXES)[:count]
