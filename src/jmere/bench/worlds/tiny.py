"""Tiny synthetic dataset and encoder for smoke tests.

Its figures mean nothing; it shows that a table's runs work from end to end on a machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from jmere.data.jsonl import write_posts
from jmere.records import Mention, Post, Quintuple
from jmere.text.words import join

_PEOPLE = ("Ada Lovelace", "Alan Turing", "Emmy Noether", "Grace Hopper")
GROUPS = ("Golden Eagles", "River Wolves", "Hill Foxes")
_PLACES = ("London", "Paris", "Vienna")
CAPTION = "a {} holding a trophy on a stage"

_DEV_SHARE = 4
"""Every fourth post goes to dev."""

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

HIDDEN = 24
"""A multiple of EEGA's twelve heads."""

MODEL = {"name": "eega", "channel_residual": True, "pair_form": "biaffine", "pair_distance": 10}

TRAINING: dict[str, Any] = {
    "epochs": 4,
    "batch_size": 8,
    "encoder_learning_rate": 3e-3,
    "learning_rate": 3e-3,
    "reading": "undirected",
}


def quick_world(folder: Path) -> dict[str, Any]:
    """Write the world to a folder; the base config of its runs."""
    posts = list(_posts())
    train = [post for number, post in enumerate(posts) if number % _DEV_SHARE]
    write_posts(folder / "train.jsonl", train)
    write_posts(folder / "dev.jsonl", posts[::_DEV_SHARE])
    _save_encoder(folder / "encoder", posts)
    return {
        "encoder": str(folder / "encoder"),
        "model": {**MODEL},
        "decoding": {"symmetric": True},
        "loss": {"per_word": True},
        "data": {"train": [str(folder / "train.jsonl")], "dev": str(folder / "dev.jsonl")},
        "training": {**TRAINING},
    }


def _posts() -> Iterator[Post]:
    """Generate a post per person, group and location; two of three have a picture."""
    facts = [
        *((*pair, "plays for the", "member_of", "org") for pair in product(_PEOPLE, GROUPS)),
        *((*pair, "lives in", "place_of_residence", "loc") for pair in product(_PEOPLE, _PLACES)),
    ]
    for number, (head, tail, verb, relation, tail_type) in enumerate(facts):
        first, middle, last = head.split(), verb.split(), tail.split()
        words = join([*first, *middle, *last])
        start = len(first) + len(middle)
        ends = (
            words.entity(Mention(0, len(first), "per")),
            words.entity(Mention(start, start + len(last), tail_type)),
        )
        yield Post(
            id=f"quick-{number}",
            tokens=words.words,
            alt_text=CAPTION.format("woman" if number % 2 else "man") if number % 3 else None,
            quintuples=[Quintuple(*ends, relation)],
        )


def _save_encoder(folder: Path, posts: list[Post]) -> None:
    """Create a transformer of two layers, and a tokenizer whose pieces are the posts' words."""
    texts = [post.text for post in posts] + [post.alt_text or "" for post in posts]
    words = sorted({word for text in texts for word in text.lower().split()})
    numbers = {piece: number for number, piece in enumerate([*_SPECIAL, *words])}
    config = BertConfig(
        vocab_size=len(numbers),
        hidden_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=2 * HIDDEN,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        BertModel(config).save_pretrained(folder)

    splitter = Tokenizer(WordLevel(numbers, unk_token="[UNK]"))
    splitter.normalizer = Lowercase()
    splitter.pre_tokenizer = Whitespace()
    ends = [(name, numbers[name]) for name in ("[CLS]", "[SEP]")]
    splitter.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=splitter, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]",
    ).save_pretrained(folder)  # fmt: skip
