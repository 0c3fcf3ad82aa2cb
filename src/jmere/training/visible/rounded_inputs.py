"""The inputs of an encoder's layers, rounded as its graph rounds them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

_LEVELS, _LEAST_STEP = 255.0, 1e-30


@contextmanager
def rounded_inputs(encoder: nn.Module) -> Iterator[None]:
    """Round the inputs of large layers meanwhile, as ``jmere.export.row_products`` does.

    Where the weights are numbers that were stored as integers, the products are those of the graph.
    """
    from jmere.export.stored_weights import MIN_INTEGER_ROWS

    with ExitStack() as hooks:
        for layer in encoder.modules():
            if isinstance(layer, nn.Linear) and layer.out_features >= MIN_INTEGER_ROWS:
                hooks.callback(layer.register_forward_pre_hook(_round).remove)
        yield


def _round(layer: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
    del layer
    least, most = (bound(inputs[0], dim=-1, keepdim=True) for bound in (torch.amin, torch.amax))
    step = ((most - least) / _LEVELS).clamp(min=_LEAST_STEP)
    return (least + step * ((inputs[0] - least) / step).round(),)
