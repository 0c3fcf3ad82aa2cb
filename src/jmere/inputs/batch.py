"""One batch of posts as arrays: the only input of a model, whichever engine runs it."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from jaxtyping import Bool, Float, Int, UInt8
from numpy.typing import NDArray

ArrayT = TypeVar("ArrayT")
"""Kind of a batch's arrays: NumPy's where posts are read, tensors where a network is trained."""

GEOMETRY_WIDTH = 5
"""Left, top, right, bottom and area of a box, as shares of the picture."""


@dataclass(frozen=True)
class PostBatch(Generic[ArrayT]):
    """A batch of posts, padded to its longest; nothing here is words x words x width."""

    piece_ids: Int[ArrayT, "batch pieces"]
    piece_mask: Bool[ArrayT, "batch pieces"]
    piece_words: Int[ArrayT, "batch pieces"]
    """Word of each piece; the number of words of the batch where it has none."""
    word_mask: Bool[ArrayT, "batch words"]
    shapes: UInt8[ArrayT, "batch words"]
    """How each word is written, 0 where padded."""
    pos: UInt8[ArrayT, "batch words"]
    dependencies: UInt8[ArrayT, "batch words words"]
    """Type of the dependency edge between two words, 0 where there is none."""
    hops: UInt8[ArrayT, "batch words words"]
    cooccurrence: UInt8[ArrayT, "batch words words"]
    label_pieces: Int[ArrayT, "batch objects label"]
    """Word pieces of the objects' labels, -1 where padded."""
    object_mask: Bool[ArrayT, "batch objects"]
    boxes: Float[ArrayT, "batch objects 5"]
    box_mask: Bool[ArrayT, "batch objects"]
    appearance: Float[ArrayT, "batch objects appearance"]
    appearance_mask: Bool[ArrayT, "batch objects"]
    relations: UInt8[ArrayT, "batch objects objects"]
    """Type of the relation between two objects, 0 where there is none."""
    gold: Int[ArrayT, "batch words words"] | None = None
    """Gold grid, ``jmere.tags.IGNORE`` where padded or not annotated; absent when
    predicting."""
    taught: Float[ArrayT, "batch words words tags"] | None = None
    """Other models' probabilities to learn from, 0 where there are none."""
    context: Bool[ArrayT, "batch pieces"] | None = None
    """Pieces of the context, which are words of the picture behind the post; absent where the model
    takes none."""

    def __len__(self) -> int:
        mask: Any = self.word_mask
        return len(mask)


NumpyBatch = PostBatch[NDArray[Any]]
"""A batch as it is read: what scorers take."""
