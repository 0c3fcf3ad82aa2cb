"""Train the classifier of relations on a file of annotated pictures, and measure it on a part.

jmere build relations TRAIN.json OUT
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, get_args

import typer

from jmere.files.folders import check_replaceable, folder_replaced
from jmere.files.outputs import keep_apart
from jmere.pretrained.encoders import find_encoder
from jmere.training.relations.encoder_words import word_table
from jmere.training.relations.fitting import RelateTraining, train_classifier
from jmere.training.relations.ranking import Ranker, Scoring, seen_triples
from jmere.training.relations.recall import Measured, measure_recall
from jmere.training.relations.vrd import AnnotatedPicture, Annotations, read_vrd
from jmere.vision.detect.coco import COCO
from jmere.vision.relate.classifier import Classifier

_DEV_SHARE = 8
"""One picture in so many is for choosing."""

NOTICE = "NOTICE"
"""The file in a classifier's folder that says whose data it was trained on."""


def split_pictures(
    pictures: Sequence[AnnotatedPicture],
) -> tuple[list[AnnotatedPicture], list[AnnotatedPicture]]:
    """Split pictures into a training and a dev part by a hash of their names."""
    parts: tuple[list[AnnotatedPicture], list[AnnotatedPicture]] = ([], [])
    for picture in pictures:
        digest = hashlib.sha256((picture.name or "").encode()).digest()
        parts[digest[0] % _DEV_SHARE == 0].append(picture)
    return parts


def compare_variants(
    classifier: Classifier, annotations: Annotations, pictures: Sequence[AnnotatedPicture]
) -> dict[str, Measured]:
    """Measure every scoring on some pictures of a file."""
    seen = seen_triples(classifier)
    return {
        scoring: measure_recall(
            annotations,
            Ranker(classifier, annotations, scoring=scoring),
            seen=seen,
            pictures=pictures,
        )
        for scoring in get_args(Scoring)
    }


def build_relations(
    file: Annotated[Path, typer.Argument(help="Annotated pictures, in the form of VRD.")],
    out: Annotated[Path, typer.Argument(help="Folder for the classifier; replaced whole.")],
    encoder: Annotated[
        str, typer.Option(help="Sentence encoder, by name or folder, that gives word vectors.")
    ] = "all-MiniLM-L6-v2",
    width: Annotated[int, typer.Option(min=1, help="Length of the word vectors.")] = 48,
    hidden: Annotated[int, typer.Option(min=1, help="Size of the hidden layer.")] = 512,
    effect: Annotated[
        float, typer.Option(help="What unbiased judging takes off; 1 is the total direct effect.")
    ] = 0.75,
    epochs: Annotated[int, typer.Option(min=1)] = 12,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    final: Annotated[
        bool, typer.Option("--all", help="Then train anew on dev too, and keep that one.")
    ] = False,
) -> None:
    """Train, and print how each scoring does on the dev part, a line of JSON each."""
    keep_apart({"OUT": out}, [file])
    check_replaceable(out, keep=(NOTICE,))
    annotations = read_vrd(file)
    words = word_table(find_encoder(encoder), extra=(*COCO, *annotations.labels), width=width)
    options = RelateTraining(epochs=epochs, seed=seed)
    rest, dev = split_pictures(annotations.pictures)
    classifier = train_classifier(annotations, rest, words, options, hidden=hidden, effect=effect)
    for scoring, measured in compare_variants(classifier, annotations, dev).items():
        typer.echo(json.dumps({"way": scoring, **measured.to_json()}))
    if final:
        classifier = train_classifier(
            annotations, annotations.pictures, words, options, hidden=hidden, effect=effect
        )
    save_classifier(classifier, out)


def save_classifier(classifier: Classifier, out: Path) -> None:
    """Replace a classifier's folder as a whole; a NOTICE in it is kept.

    Raises:
        ValueError: If ``out`` is a link, a file, or holds what this program has not written.
    """
    with folder_replaced(out, keep=(NOTICE,)) as part:
        classifier.save(part)
