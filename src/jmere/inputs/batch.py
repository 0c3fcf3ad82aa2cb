"""Posts and graphs become one batch of tensors, the only structure a model takes."""

from dataclasses import dataclass, fields, replace

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

GEOMETRY_WIDTH = 5
"""Left, top, right, bottom and area of a box, as shares of the picture."""


@dataclass(frozen=True)
class PostBatch:
    """A batch of posts, padded to its longest; nothing here is words x words x width."""

    piece_ids: Int[Tensor, "batch pieces"]
    piece_mask: Bool[Tensor, "batch pieces"]
    piece_words: Int[Tensor, "batch pieces"]
    """Word of each piece; the number of words of the batch where it has none."""
    word_mask: Bool[Tensor, "batch words"]
    shapes: UInt8[Tensor, "batch words"]
    """How each word is written, 0 where padded."""
    pos: UInt8[Tensor, "batch words"]
    dependencies: UInt8[Tensor, "batch words words"]
    """Type of the dependency edge between two words, 0 where there is none."""
    hops: UInt8[Tensor, "batch words words"]
    cooccurrence: UInt8[Tensor, "batch words words"]
    label_pieces: Int[Tensor, "batch objects label"]
    """Word pieces of the objects' labels, -1 where padded."""
    object_mask: Bool[Tensor, "batch objects"]
    boxes: Float[Tensor, "batch objects 5"]
    box_mask: Bool[Tensor, "batch objects"]
    appearance: Float[Tensor, "batch objects appearance"]
    appearance_mask: Bool[Tensor, "batch objects"]
    relations: UInt8[Tensor, "batch objects objects"]
    """Type of the relation between two objects, 0 where there is none."""
    gold: Int[Tensor, "batch words words"] | None = None
    """Gold grid, ``jmere.tags.IGNORE`` where padded or not annotated; absent when
    predicting."""
    taught: Float[Tensor, "batch words words tags"] | None = None
    """Other models' probabilities to learn from, 0 where there are none."""

    def __len__(self) -> int:
        return len(self.word_mask)

    def to(self, device: torch.device | str) -> "PostBatch":
        """The same batch on a device."""
        moved = {
            field.name: value.to(device, non_blocking=True)
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }
        return replace(self, **moved)
