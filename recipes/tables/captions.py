"""Whether an encoder tells the caption of a post's picture from that of another post's.

A text is the mean of its pieces' last vectors. ``own_is_nearer`` is how often a post's text is
nearer to its own caption than to another post's, by cosine: 0.5 if it cannot tell. ``first`` is how
often its own is the nearest of all. ``centred`` says the same of vectors less the mean of all.

    python recipes/tables/captions.py data/jmere-v1-val-llava.jsonl all-MiniLM-L6-v2
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import normalize
from transformers import AutoModel, AutoTokenizer

from jmere.data.jsonl import read_posts
from jmere.pretrained.encoders import find_encoder

TOGETHER = 32
"""Texts that are encoded at once."""


@torch.inference_mode()
def mean_vectors(encoder: str, texts: Sequence[str]) -> Tensor:
    """Return the mean vector of each text, texts x hidden."""
    folder = find_encoder(encoder)
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    network = AutoModel.from_pretrained(folder, trust_remote_code=False).eval()
    found = []
    for start in range(0, len(texts), TOGETHER):
        pieces = tokenizer(
            list(texts[start : start + TOGETHER]),
            padding=True,
            truncation=True,
            return_tensors="pt",
        )
        mask = pieces["attention_mask"][:, :, None]
        vectors = network(**pieces).last_hidden_state
        found.append((vectors * mask).sum(1) / mask.sum(1))
    return torch.cat(found)


def told_apart(texts: Tensor, captions: Tensor) -> dict[str, float]:
    """Compare each text with all captions."""
    alike = normalize(texts, dim=1) @ normalize(captions, dim=1).mT
    own, others = alike.diag()[:, None], ~torch.eye(len(alike), dtype=torch.bool)
    nearer = (own > alike).float() + (own == alike).float() / 2
    return {
        "own_is_nearer": float(nearer[others].mean()),
        "first": float((alike.argmax(1) == torch.arange(len(alike))).float().mean()),
    }


def main() -> None:
    """Read the options, measure, print one line of JSON per encoder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("posts", type=Path, help="JSON Lines with alt_text")
    parser.add_argument("encoder", nargs="+", help="as in a run file")
    options = parser.parse_args()
    torch.set_num_threads(1)
    posts = [post for post in read_posts(options.posts) if post.alt_text]
    for encoder in options.encoder:
        texts = mean_vectors(encoder, [post.text for post in posts])
        captions = mean_vectors(encoder, [post.alt_text or "" for post in posts])
        centred = told_apart(texts - texts.mean(0), captions - captions.mean(0))
        plain = told_apart(texts, captions)
        print(json.dumps({"encoder": encoder, "posts": len(posts), **plain, "centred": centred}))


if __name__ == "__main__":
    main()
