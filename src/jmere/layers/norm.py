"""Batch normalisation that padding takes no part in."""

from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import batch_norm

MOMENTUM = 0.1
"""Weight of a batch in the running statistics."""


class MaskedBatchNorm(nn.Module):
    """Batch normalisation over the valid rows; padded ones are 0.

    In training the statistics are those of the batch, so a post's vectors depend on
    its batch mates, as batch normalisation has it; predicting, they do not.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(features)

    def forward(
        self, vectors: Float[Tensor, "batch nodes features"], mask: Bool[Tensor, "batch places"]
    ) -> Float[Tensor, "batch nodes features"]:
        """Normalise the rows in the mask; fewer than two have no statistics of their own."""
        norm = self.norm
        if not self.training:
            every: Tensor = norm(vectors.flatten(0, 1)).view(vectors.shape)
            return every * mask[:, :, None]
        rows = vectors[mask]
        if not len(rows):
            return vectors * 0
        normed = batch_norm(
            rows,
            norm.running_mean,
            norm.running_var,
            norm.weight,
            norm.bias,
            training=len(rows) > 1,
            momentum=MOMENTUM,
            eps=norm.eps,
        )
        whole = normed.new_zeros(vectors.shape)
        whole[mask] = normed
        return whole
