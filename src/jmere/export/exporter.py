"""Networks through torch's exporter, and what of them it cannot trace."""

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import config
from onnx import ModelProto, load_from_string
from torch import Tensor, nn
from torch.onnx.symbolic_opset9 import exp, sub, transpose

OPSET = 18


def export_graph(
    module: nn.Module,
    arrays: Sequence[Tensor],
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    axes: Mapping[str, Mapping[int, str]],
) -> ModelProto:
    """Trace a module, its weights inside.

    Args:
        module: Takes and returns plain tensors.
        arrays: An example of its inputs.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        axes: The free axes of inputs and outputs, by number, with their names.
    """
    stream = io.BytesIO()
    exporter: Any = torch.onnx
    exporter.register_custom_op_symbolic("aten::mT", _matrix_transpose, OPSET)
    exporter.register_custom_op_symbolic("aten::expm1", _expm1, OPSET)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # of what is fixed here: widths, and that there are objects
        exporter.export(
            module,
            tuple(arrays),
            stream,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=OPSET,
            do_constant_folding=False,
            dynamo=False,
        )
    return load_from_string(stream.getvalue())


@contextmanager
def traceable(network: nn.Module) -> Iterator[None]:
    """Replace what no network can be traced with meanwhile: fused attention, shape checks."""
    transformers: list[Any] = [
        module for module in network.modules() if hasattr(module, "set_attn_implementation")
    ]
    before = [module.config._attn_implementation for module in transformers]
    for module in transformers:
        module.set_attn_implementation("eager")
    training, unchecked = network.training, config.jaxtyping_disable
    config.update("jaxtyping_disable", True)  # sizes are tensors while a network is traced
    try:
        yield
    finally:
        config.update("jaxtyping_disable", unchecked)
        network.train(training)
        for module, implementation in zip(transformers, before, strict=True):
            module.set_attn_implementation(implementation)


def _matrix_transpose(graph: Any, tensor: Any) -> Any:
    """Export ``.mT``, which the exporter does not know."""
    return transpose(graph, tensor, -2, -1)


def _expm1(graph: Any, tensor: Any) -> Any:
    """Export ``expm1``, which the exporter does not know either."""
    return sub(graph, exp(graph, tensor), graph.op("Constant", value_t=torch.tensor(1.0)))
