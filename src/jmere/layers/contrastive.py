"""Texts and pictures that belong together, and those that do not: losses over a batch.

The other posts of a batch serve as negatives, so here alone a post's loss depends on
its batch mates, by definition. Nothing of this takes part in predicting.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize


def contrastive_losses(
    texts: Float[Tensor, "batch hidden"],
    pictures: Float[Tensor, "batch hidden"],
    pictured: Bool[Tensor, " batch"],
    *,
    temperature: float,
    text_share: float,
) -> Float[Tensor, " batch"]:
    """Symmetric InfoNCE of cosine similarities.

    Args:
        texts: One vector per text.
        pictures: One vector per picture.
        pictured: Which posts have a picture; the others cost nothing and are no negatives.
        temperature: Divides the similarities: smaller is sharper.
        text_share: Weight of finding a text's picture; the rest is for finding a picture's text.
    """
    similarity = normalize(texts.float(), dim=1) @ normalize(pictures.float(), dim=1).mT
    scores = similarity / temperature
    hidden = ~(pictured[:, None] & pictured[None, :]) & ~torch.eye(
        len(scores), dtype=torch.bool, device=scores.device
    )
    scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
    gold = torch.arange(len(scores), device=scores.device)
    to_picture = cross_entropy(scores, gold, reduction="none")
    to_text = cross_entropy(scores.mT, gold, reduction="none")
    return (text_share * to_picture + (1 - text_share) * to_text) * pictured


def mismatched(posts: int, pairs: int, device: torch.device) -> Int[Tensor, " posts"]:
    """Whose picture each post gets: its own, but the last ``2 pairs`` swap theirs.

    The first ``pairs`` of these swap with the last ``pairs``; nobody does unless there
    are more posts than that.
    """
    order = torch.arange(posts, device=device)
    if posts > 2 * pairs > 0:
        order[-2 * pairs :] = order[-2 * pairs :].roll(pairs)
    return order
