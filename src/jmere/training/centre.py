"""What the words of an EEGA take from objects, brought to a mean of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from jmere.inputs.prepare import PreparedPost
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.eega import Eega
from jmere.tagger.batches import by_length
from jmere.tagger.tagger import Tagger

CENTRED = 0.01
"""Length of the mean, over the mean length, up to which a model counts as centred."""


@torch.no_grad()
def centre_taken(tagger: Tagger, posts: Sequence[PreparedPost], *, batch_size: int) -> int:
    """Take the mean of what words take from objects (equation 8) off the cross-attention's bias.

    A model that saw few pictures adds nearly the same vector to every word of every post with a
    picture (``benchmarks/taken.py``), so that any picture changes what is found. Without the mean,
    a picture counts by how it differs from others. A model that is centred already stays as it is.

    Args:
        tagger: An EEGA on the torch engine; its bias is changed in place.
        posts: Posts to take the mean over; those without objects are passed over.
        batch_size: Maximum number of posts in a batch.

    Returns:
        The number of posts with objects; without any, nothing is changed.

    Raises:
        ValueError: If the model is no EEGA.
    """
    network = tagger.network
    if not isinstance(network, Eega):
        raise ValueError("training.centre: expected a model of the kind eega")
    shown = [post for post in posts if post.scene.objects]
    taken: list[Tensor] = []
    sums = torch.zeros(network.encoder.hidden, dtype=torch.double)
    lengths, count = 0.0, 0

    def keep(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        del module, inputs
        taken.append(output)

    project: Any = network.cross.attend.out_proj
    device = project.bias.device
    hook = project.register_forward_hook(keep)
    network.eval()
    try:
        for numbers in by_length([post.length for post in shown], batch_size):
            batch = TensorBatch.of(tagger.batch([shown[number] for number in numbers])).to(device)
            network(batch, alignment=False)
            rows = taken.pop()[batch.word_mask]
            sums += rows.double().sum(dim=0).cpu()
            lengths += float(rows.norm(dim=1).sum())
            count += len(rows)
    finally:
        hook.remove()
    if count and float(sums.norm()) > CENTRED * lengths:
        project.bias -= (sums / count).to(project.bias)
    return len(shown)
