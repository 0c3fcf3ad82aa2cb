"""A small world of relations: who is right of whom wears it, in a picture of three."""

from dataclasses import replace

import numpy as np

from jmere.training.relations.fitting import RelateTraining, train_classifier
from jmere.training.relations.vrd import AnnotatedPicture, Annotations
from jmere.vision.relate.label_vectors import WordTable

LABELS = ("person", "traffic light", "hat")
PREDICATES = ("wear", "in the front of", "near")
WORDS = WordTable.of(
    {
        word: np.eye(5, dtype=np.float32)[place]
        for place, word in enumerate(("person", "traffic", "light", "hat", "man"))
    }
)
OPTIONS = RelateTraining(epochs=60, batch=16, dropout=0.0, rate=1e-2)


def pictures(count=40, *, appearance=False, seed=0):
    """Pictures of a person and a hat; what they are to each other shows in where they are."""
    rng = np.random.default_rng(seed)
    return [_picture(rng, appearance=appearance) for _ in range(count)]


def _picture(rng, *, appearance):
    right = bool(rng.integers(2))
    hat = [60, 10, 80, 30] if right and not appearance else [10, 10, 30, 30]
    boxes = np.array([[40, 10, 60, 90], hat], dtype=np.float64) + rng.random(4)
    seen = np.array([[1.0, 0.0], [float(right), 1.0 - right]], np.float32)
    relations = np.array([[0, 0 if right else 2, 1]])
    found = AnnotatedPicture(None, np.array([0, 2]), boxes, relations)
    return replace(found, appearance=seen) if appearance else found


def toy_classifier(*, appearance=False):
    """A classifier that has learned this world, and the file it learned from."""
    known = pictures(appearance=appearance)
    annotations = Annotations(LABELS, PREDICATES, tuple(known))
    return train_classifier(annotations, known, WORDS, OPTIONS, hidden=16), annotations
