"""The batch of a network: where arrays become tensors."""

from dataclasses import fields
from typing import Any

import torch
from torch import Tensor

from jmere.inputs.batch import NumpyBatch, PostBatch


class TensorBatch(PostBatch[Tensor]):
    """A batch of tensors, as networks take it."""

    @classmethod
    def of(cls, batch: NumpyBatch) -> "TensorBatch":
        """Take the arrays of a batch as tensors; they share their memory."""
        arrays = {field.name: getattr(batch, field.name) for field in fields(batch)}
        tensors: dict[str, Any] = {
            name: None if array is None else torch.from_numpy(array)
            for name, array in arrays.items()
        }
        return cls(**tensors)

    def to(self, device: torch.device | str) -> "TensorBatch":
        """Return the same batch on a device."""
        tensors = {field.name: getattr(self, field.name) for field in fields(self)}
        moved: dict[str, Any] = {
            name: None if tensor is None else tensor.to(device, non_blocking=True)
            for name, tensor in tensors.items()
        }
        return TensorBatch(**moved)
