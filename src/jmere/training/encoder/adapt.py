"""Continue pretraining an encoder on posts.

    jmere build encoder CONFIG [--resume] [KEY=VALUE ...]

The objectives are masked language modelling on all posts, and entity tagging on posts whose
entities are all annotated. The result is an encoder folder for ``encoder`` of a run file. Until
it is finished, checkpoints are in ``OUTPUT.part``; ``--resume`` continues an interrupted run.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import yaml
from accelerate.utils import set_seed

from jmere.data.jsonl import read_posts
from jmere.data.transforms import distinct, outside
from jmere.files.whole import written_whole
from jmere.layers.encoder import longest_text
from jmere.layers.spans import label_count
from jmere.layers.word_shapes import learn_shapes
from jmere.records import Post
from jmere.tagger.encoder_folder import load_encoder, save_encoder
from jmere.tagger.model_encoder import encoder_of
from jmere.tags import TagSet
from jmere.text.pieces import PieceTokenizer
from jmere.text.words import post_words
from jmere.training.encoder.adapt_config import AdaptConfig
from jmere.training.encoder.objectives import Adaptation, EncoderExample, read
from jmere.training.encoder.reader import Reader

log = logging.getLogger(__name__)

USED_CONFIG, CHECKPOINT, ENCODER = "config.yaml", "checkpoint", "encoder"
"""Contents of the folder of an unfinished run."""


def adapt(config: AdaptConfig, *, resume: bool = False) -> list[float]:
    """Adapt an encoder and save it; return the mean loss of each epoch.

    Raises:
        ValueError: If a file is not valid, the encoder does not support word shapes, or the run
            to resume had another config or other texts.
        FileExistsError: If the output exists, or an interrupted run and ``resume`` is off.
    """
    output = Path(config.output)
    part = _claim(output, config, resume=resume)
    set_seed(config.seed)
    folder = encoder_of(config.encoder)
    transformer = load_encoder(folder)
    if config.word_shapes:
        learn_shapes(transformer)
    pieces, tags = PieceTokenizer.load(folder), TagSet.load(config.tags)
    max_length = min(pieces.max_length, longest_text(transformer))
    readings = list(_readings(config, pieces, tags, max_length=max_length))
    log.info(
        "%d posts, %d with entities", len(readings), sum(r.labels is not None for r in readings)
    )

    network = Adaptation(transformer, labels=label_count(len(tags.entity_types)))
    reader = Reader(config, network, readings, pieces.vocabulary, checkpoint=part / CHECKPOINT)
    losses = reader.run(resume=resume)
    save_encoder(transformer, part / ENCODER)
    pieces.save(part / ENCODER)
    (part / ENCODER).rename(output)
    shutil.rmtree(part)
    return losses


def _claim(output: Path, config: AdaptConfig, *, resume: bool) -> Path:
    """Return the folder of the unfinished run, which must have the same config."""
    if output.exists():
        raise FileExistsError(f"{output}: already exists")
    part = output.with_name(f"{output.name}.part")
    used = part / USED_CONFIG
    text = yaml.safe_dump(asdict(config), sort_keys=False, allow_unicode=True)
    if used.exists() and not resume:
        raise FileExistsError(f"{part}: contains an interrupted run; pass --resume to continue it")
    if used.exists() and used.read_text(encoding="utf-8") != text:
        raise ValueError(f"{used}: the run to resume had another config than this one")
    with written_whole(used) as stream:
        stream.write(text)
    return part


def _readings(
    config: AdaptConfig, pieces: PieceTokenizer, tags: TagSet, *, max_length: int
) -> Iterator[EncoderExample]:
    """Yield every text once, with its entities if annotated."""
    known = [post for path in config.entities for post in read_posts(path, tags=tags)]
    others = [post for path in config.texts for post in read_posts(path)]
    hidden = [post for path in config.outside for post in read_posts(path)]
    described = _descriptions([*known, *others]) if config.descriptions else ()
    kept = list(outside(distinct([*known, *others, *described]), hidden))
    annotated = {id(post) for post in known}
    splits = pieces.split([post_words(post).words for post in kept])
    for post, split in zip(kept, splits, strict=True):
        if len(split.ids) <= max_length:
            yield read(post, split, tags if id(post) in annotated else None)


def _descriptions(posts: Sequence[Post]) -> Iterator[Post]:
    """Return the descriptions of the posts' pictures as posts."""
    return (Post(text=post.alt_text, id=post.id) for post in posts if post.alt_text)
