"""Small things that many tests are made of."""

from dataclasses import fields, replace

import torch
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizerFast,
    MPNetConfig,
    MPNetModel,
    MPNetTokenizerFast,
)

from jmere.data.jsonl import write_posts
from jmere.layers.encoder import WordEncoder
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.sizes import Sizes
from jmere.records import Mention, Post, Quintuple
from jmere.text.shapes import SHAPES
from jmere.text.words import join

SIZES = Sizes(
    tags=6, types=2, pos=7, dependencies=5, predicates=4, hops=6, cooccurrence=5, appearance=3
)
"""Counts of the random batches' numbers."""


def tiny_encoder(hidden=16, vocabulary=40):
    """A transformer of two layers with random weights."""
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=2 * hidden,
        max_position_embeddings=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return WordEncoder(BertModel(config, add_pooling_layer=False))


def tiny_mpnet(hidden=16, vocabulary=40):
    """The same as an MPNet."""
    config = MPNetConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=2 * hidden,
        max_position_embeddings=66,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return MPNetModel(config, add_pooling_layer=False)


def random_batch(words, objects, *, seed=0):
    """Posts of the given numbers of words and objects; two pieces a word, symmetric graphs."""
    draw = torch.Generator().manual_seed(seed)
    batch, most, things = len(words), max(words), max(objects)
    word_mask = torch.arange(most) < torch.tensor(words)[:, None]
    object_mask = torch.arange(things) < torch.tensor(objects)[:, None]
    piece_words = torch.arange(most).repeat_interleave(2).expand(batch, -1)
    piece_mask = word_mask.repeat_interleave(2, dim=1)

    def numbers(shape, high, low=0):
        return torch.randint(low, high, shape, generator=draw)

    def graph(mask, kinds):
        types = numbers((batch, mask.shape[1], mask.shape[1]), kinds)
        types = torch.triu(types, 1) * (torch.rand(types.shape, generator=draw) < 0.6)
        types = types + types.mT + torch.eye(mask.shape[1], dtype=torch.long)
        return (types * (mask[:, :, None] & mask[:, None, :])).to(torch.uint8)

    both = word_mask[:, :, None] & word_mask[:, None, :]
    pairs = (batch, most, most)
    return TensorBatch(
        piece_ids=numbers((batch, 2 * most), 40),
        piece_mask=piece_mask,
        piece_words=torch.where(piece_mask, piece_words, most),
        word_mask=word_mask,
        shapes=(numbers((batch, most), len(SHAPES), 1) * word_mask).to(torch.uint8),
        pos=(numbers((batch, most), SIZES.pos, 1) * word_mask).to(torch.uint8),
        dependencies=graph(word_mask, SIZES.dependencies),
        hops=(numbers(pairs, SIZES.hops) * both).to(torch.uint8),
        cooccurrence=(numbers(pairs, SIZES.cooccurrence) * both).to(torch.uint8),
        label_pieces=torch.where(object_mask[:, :, None], numbers((batch, things, 2), 40), -1),
        object_mask=object_mask,
        boxes=torch.rand(batch, things, 5, generator=draw) * object_mask[:, :, None],
        box_mask=object_mask & (torch.rand(batch, things, generator=draw) < 0.7),
        appearance=torch.rand(batch, things, SIZES.appearance, generator=draw),
        appearance_mask=object_mask & (torch.rand(batch, things, generator=draw) < 0.5),
        relations=graph(object_mask, SIZES.predicates),
        gold=torch.where(both, numbers(pairs, SIZES.tags), -100),
    )


AXES = {
    "piece_ids": "p", "piece_mask": "p", "piece_words": "p", "word_mask": "w",
    "shapes": "w", "pos": "w",
    "dependencies": "ww", "hops": "ww", "cooccurrence": "ww", "label_pieces": "o",
    "object_mask": "o", "boxes": "o", "box_mask": "o", "appearance": "o",
    "appearance_mask": "o", "relations": "oo", "gold": "ww", "taught": "ww", "context": "p",
}  # fmt: skip


def alone(batch, post):
    """One post of a batch, without padding."""
    words = int(batch.word_mask[post].sum())
    sizes = {"p": 2 * words, "w": words, "o": int(batch.object_mask[post].sum())}
    cut = {}
    for field in fields(batch):
        if getattr(batch, field.name) is None:
            continue
        value = getattr(batch, field.name)[post : post + 1]
        for axis, name in enumerate(AXES[field.name], start=1):
            value = value.narrow(axis, 0, sizes[name])
        cut[field.name] = value
    outside = cut["piece_words"] == batch.word_mask.shape[1]
    return replace(batch, **{**cut, "piece_words": cut["piece_words"].masked_fill(outside, words)})


def reorder_objects(batch, order):
    """The same batch with the objects of every post in another order."""
    changed = {}
    for field in fields(batch):
        value = getattr(batch, field.name)
        for axis, name in enumerate(AXES[field.name] if value is not None else "", start=1):
            if name == "o":
                value = value.index_select(axis, torch.tensor(order))
        changed[field.name] = value
    return replace(batch, **changed)


SENTENCES = [
    (
        "Stephen Curry plays for the Golden State Warriors",
        (0, 2, "per"),
        (5, 8, "org"),
        "member_of",
    ),
    ("Klay Thompson met Stephen Curry", (0, 2, "per"), (3, 5, "per"), "peer"),
    ("Ada Lovelace lives in London", (0, 2, "per"), (4, 5, "loc"), "place_of_residence"),
    ("London is in England", (3, 4, "loc"), (0, 1, "loc"), "contain"),
    ("Messi won the Ballon d'Or", (0, 1, "per"), (3, 5, "misc"), "awarded"),
    ("NASA is in Houston", (0, 1, "org"), (3, 4, "loc"), "locate_at"),
    ("Harry and Meghan smile", (0, 1, "per"), (2, 3, "per"), "couple"),
    ("The Oscars were held in Hollywood", (1, 2, "misc"), (5, 6, "loc"), "held_on"),
]


def sample_posts():
    """Eight annotated posts, every other one with a caption."""
    posts = []
    for number, (text, head, tail, relation) in enumerate(SENTENCES):
        words = join(text.split())
        ends = [words.entity(Mention(*end)) for end in (head, tail)]
        posts.append(
            Post(
                id=f"post-{number}",
                tokens=words.words,
                alt_text="a man holding a trophy on a stage" if number % 2 else None,
                quintuples=[Quintuple(*ends, relation)],
            )
        )
    return posts


def _sample_words():
    """The samples' words, each a piece."""
    texts = [text for text, *_ in SENTENCES] + ["a man holding a trophy on a stage"]
    return sorted({word for text in texts for word in text.lower().replace("'", " ' ").split()})


def save_tiny_encoder(folder, *, hidden=24):
    """A folder with an encoder of random weights whose pieces are the samples' words."""
    folder.mkdir(exist_ok=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_sample_words()]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    tiny_encoder(hidden, len(vocabulary)).transformer.save_pretrained(folder)
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def save_tiny_mpnet(folder, *, hidden=24):
    """The same without token types: an MPNet, whose positions start at 2."""
    folder.mkdir(exist_ok=True)
    vocabulary = ["<s>", "<pad>", "</s>", "[UNK]", "<mask>", *_sample_words()]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    tiny_mpnet(hidden, len(vocabulary)).save_pretrained(folder)
    vocab = {piece: number for number, piece in enumerate(vocabulary)}
    MPNetTokenizerFast(vocab=vocab, model_max_length=10**9).save_pretrained(folder)
    return folder


TINY_MODEL = {
    "name": "eega",
    "heads": 2,
    "object_width": 8,
    "edge_width": 8,
    "channel_width": 8,
    "dropout": 0.0,
    "channel_residual": True,
    "pair_form": "biaffine",
    "pair_width": 16,
}


def tiny_run(folder, **changes):
    """A run file's values for the samples, written to ``folder`` with a tiny encoder."""
    write_posts(folder / "posts.jsonl", sample_posts())
    return {
        "output": str(folder / "run"),
        "encoder": str(save_tiny_encoder(folder / "encoder")),
        "model": TINY_MODEL,
        "data": {
            "train": [str(folder / "posts.jsonl")],
            "dev": str(folder / "posts.jsonl"),
            "keep_overlap": True,
        },
        "training": {
            "epochs": 3,
            "batch_size": 4,
            "encoder_learning_rate": 3e-3,
            "learning_rate": 3e-3,
            "warmup": 0.05,
            **changes,
        },
    }
