"""An encoder made at home in posts before it is trained for a task.

    jmere build encoder CONFIG [--resume] [KEY=VALUE ...]

It learns to fill in words that are masked, in posts with whatever annotation, and meanwhile
to tag entities in posts all of whose entities are annotated. It is saved as an encoder's
folder, which ``encoder`` of a run file may name. Until it is done, its checkpoints are in
``OUTPUT.part``; with ``--resume`` a run that was cut short goes on from the last one.
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
from jmere.layers.word_shapes import learn_shapes
from jmere.pretrained.encoders import find_encoder
from jmere.records import Post
from jmere.tagger.encoder_folder import load_encoder, save_encoder
from jmere.tags import TagSet
from jmere.text.pieces import PieceTokenizer
from jmere.text.words import post_words
from jmere.training.encoder.adapt_config import AdaptConfig
from jmere.training.encoder.objectives import Adaptation, EncoderExample, read
from jmere.training.encoder.reader import Reader

log = logging.getLogger(__name__)

USED_CONFIG, CHECKPOINT, ENCODER = "config.yaml", "checkpoint", "encoder"
"""What is in the folder of a run that is not done."""


def adapt(config: AdaptConfig, *, resume: bool = False) -> list[float]:
    """Adapt an encoder and save it; the mean loss of each epoch.

    Raises:
        ValueError: If a file is not in order, the encoder cannot have shapes, or the run to
            resume had another config or other texts.
        FileExistsError: If there is something in the output's place, or a run that was cut
            short and ``resume`` is off.
    """
    output = Path(config.output)
    part = _claim(output, config, resume=resume)
    set_seed(config.seed)
    folder = find_encoder(config.encoder)
    transformer = load_encoder(folder)
    if config.word_shapes:
        learn_shapes(transformer)
    pieces, tags = PieceTokenizer.load(folder), TagSet.load(config.tags)
    longest = min(pieces.max_length, longest_text(transformer))
    readings = list(_readings(config, pieces, tags, longest=longest))
    log.info(
        "%d posts, %d with entities", len(readings), sum(r.labels is not None for r in readings)
    )

    network = Adaptation(transformer, labels=1 + 2 * len(tags.entity_types))
    reader = Reader(config, network, readings, pieces.vocabulary, checkpoint=part / CHECKPOINT)
    losses = reader.run(resume=resume)
    save_encoder(transformer, part / ENCODER)
    pieces.save(part / ENCODER)
    (part / ENCODER).rename(output)
    shutil.rmtree(part)
    return losses


def _claim(output: Path, config: AdaptConfig, *, resume: bool) -> Path:
    """The folder of the unfinished run, which is to be of this very config."""
    if output.exists():
        raise FileExistsError(f"{output}: is there already")
    part = output.with_name(f"{output.name}.part")
    used = part / USED_CONFIG
    text = yaml.safe_dump(asdict(config), sort_keys=False, allow_unicode=True)
    if used.exists() and not resume:
        raise FileExistsError(f"{part}: contains a run that was cut short; --resume continues it")
    if used.exists() and used.read_text(encoding="utf-8") != text:
        raise ValueError(f"{used}: the run to resume had another config than this one")
    with written_whole(used) as stream:
        stream.write(text)
    return part


def _readings(
    config: AdaptConfig, pieces: PieceTokenizer, tags: TagSet, *, longest: int
) -> Iterator[EncoderExample]:
    """Every text once, with its entities where a file has them."""
    known = [post for path in config.entities for post in read_posts(path, tags=tags)]
    others = [post for path in config.texts for post in read_posts(path)]
    hidden = [post for path in config.outside for post in read_posts(path)]
    described = _descriptions([*known, *others]) if config.descriptions else ()
    kept = list(outside(distinct([*known, *others, *described]), hidden))
    annotated = {id(post) for post in known}
    splits = pieces.split([post_words(post).words for post in kept])
    for post, split in zip(kept, splits, strict=True):
        if len(split.ids) <= longest:
            yield read(post, split, tags if id(post) in annotated else None)


def _descriptions(posts: Sequence[Post]) -> Iterator[Post]:
    """The descriptions of the posts' pictures, as posts."""
    return (Post(text=post.alt_text, id=post.id) for post in posts if post.alt_text)
