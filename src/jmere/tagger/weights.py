"""Weights in a safetensors file, whole or as eight-bit integers with a scale per row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from jmere.errors import one_line, short_repr
from jmere.files.int8_rows import quantize_rows
from jmere.files.outputs import apply_umask
from jmere.tagger.folder import Precision
from jmere.tagger.stored_header import SCALE_SUFFIX


def save_weights(weights: Mapping[str, Tensor], path: Path, precision: Precision) -> None:
    """Write weights; ``int8`` stores matrices as integers and everything else in half precision.

    A matrix has the scales of its rows beside it (``quantize_rows``).
    """
    stored: dict[str, Tensor] = {}
    for name, tensor in weights.items():
        tensor = tensor.detach().cpu().contiguous()
        if precision == "float32" or not tensor.is_floating_point():
            stored[name] = tensor.clone()
        elif precision == "float16" or tensor.dim() < 2:
            stored[name] = tensor.half()
        else:
            integers, scales = quantize_rows(tensor.float().numpy())
            stored[name] = torch.from_numpy(integers)
            stored[name + SCALE_SUFFIX] = torch.from_numpy(scales)
    write_tensors(stored, path)


def write_tensors(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Write a safetensors file.

    Raises:
        OSError: If it cannot be written: the disk is full, say.
    """
    try:
        save_file(dict(tensors), path, metadata={"format": "pt"})
    except SafetensorError as error:
        raise OSError(f"{path}: cannot be written ({one_line(error)})") from None
    apply_umask(path)


def load_weights(path: Path) -> dict[str, Tensor]:
    """Read weights in single precision, however they are stored.

    Raises:
        ValueError: If the file is no safetensors file, or cut short, or a weight is not finite.
    """
    try:
        stored = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path}: damaged or not a safetensors file ({error})") from None
    weights = {}
    for name, tensor in stored.items():
        if name.endswith(SCALE_SUFFIX):
            continue
        if name + SCALE_SUFFIX in stored:
            tensor = tensor.float() * stored[name + SCALE_SUFFIX]
        weights[name] = tensor.float() if tensor.is_floating_point() else tensor
        if not weights[name].isfinite().all():
            raise ValueError(
                f"{path}: the model's weights hold NaN or infinity, in {short_repr(name)}"
            )
    return weights
