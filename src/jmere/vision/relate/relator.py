"""Scene graphs get their relations: the way in for users."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from jmere.records import FloatArray, SceneGraph, SceneRelation
from jmere.vision.relate.classifier import Classifier
from jmere.vision.relate.geometry import in_frame, ordered_pairs
from jmere.vision.relate.naming import caption_form
from jmere.vision.relate.positions import POSITIONS, meanings, positions

MAX_RELATED_OBJECTS = 100
"""Of more objects, the surest take part; a picture has few so that 10,000 pairs are many."""


@dataclass(frozen=True, kw_only=True)
class RelateOptions:
    """Which relations a scene graph gets."""

    most: int = 20
    """Most relations of a graph, the likeliest."""
    least_score: float = 0.05
    """Least chance that a relation holds."""
    sure: float = 0.3
    """Chance of a predicate, given that there is a relation, below which a plain word of position
    stands in where one is likelier."""
    both_ways: bool = False
    """Whether two objects may be related either way."""
    unbiased: bool = False
    """Judge by the pair's own evidence and not by what is common (Tang et al. 2020)."""

    def __post_init__(self) -> None:
        if self.most < 0:
            raise ValueError(f"relate.most must not be negative, got {self.most}")
        for name in ("least_score", "sure"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"relate.{name} must be in [0, 1], got {getattr(self, name)}")


class Relator:
    """Adds relations to the objects of a scene graph, by their labels and boxes."""

    def __init__(self, classifier: Classifier, options: RelateOptions | None = None) -> None:
        self.classifier = classifier
        self.options = RelateOptions() if options is None else options
        self._names = [caption_form(name) for name in classifier.config.predicates]
        self._meanings = meanings(classifier.config.predicates).astype(np.float32)

    @classmethod
    def load(
        cls,
        folder: str | Path | None = None,
        *,
        unbiased: bool = False,
        options: RelateOptions | None = None,
    ) -> Relator:
        """Load a classifier's folder, by default the one that ships with the package.

        Args:
            folder: What ``jmere build relations`` wrote.
            unbiased: Sets the option of that name.
            options: Which relations to add.

        Raises:
            FileNotFoundError: If a file is missing.
            ValueError: If one is damaged.
        """
        options = RelateOptions() if options is None else options
        return cls(Classifier.load(folder), replace(options, unbiased=unbiased or options.unbiased))

    def relate(self, scene: SceneGraph) -> SceneGraph:
        """The same scene with relations added, the likeliest first.

        A relation's score is the chance that it holds of its two objects, given that they are
        there. Objects without a box take no part, and pairs that are related already get no
        other relation. Predicates are in the words of captions (``caption_form``).
        """
        places = self._places(scene)
        if len(places) < 2 or not self.options.most:
            return scene
        taken = {frozenset((each.subject, each.object)) for each in scene.relations}
        added: list[SceneRelation] = []
        for relation in self._candidates(scene, places):
            pair = frozenset((relation.subject, relation.object))
            if pair not in taken:
                added.append(relation)
                if len(added) == self.options.most:
                    break
            if not self.options.both_ways:
                taken.add(pair)
        return replace(scene, relations=(*scene.relations, *added))

    def _places(self, scene: SceneGraph) -> list[int]:
        """The objects with a box, in order; the surest where they are too many."""
        boxed = [place for place, thing in enumerate(scene.objects) if thing.box is not None]
        if len(boxed) > MAX_RELATED_OBJECTS:
            boxed.sort(key=lambda place: -(scene.objects[place].score or 0))
        return sorted(boxed[:MAX_RELATED_OBJECTS])

    def _candidates(self, scene: SceneGraph, places: list[int]) -> Iterator[SceneRelation]:
        """Relations of at least the least score, the likeliest first."""
        labels = tuple(scene.objects[place].label for place in places)
        boxes = np.array([scene.objects[place].box for place in places], dtype=np.float64)
        pairs = ordered_pairs(len(places))
        chances = self.classifier.judge(
            self.classifier.vectors(labels),
            self.classifier.mixtures(labels),
            boxes,
            pairs,
            appearance=self._appearance(scene, places),
            unbiased=self.options.unbiased,
        )
        chosen, scores = chances.best()
        # A word's chance is that of all predicates it is true of.
        plain = (chances.predicates @ self._meanings.T) * positions(in_frame(boxes), pairs)
        word, plain_scores = plain.argmax(axis=1), plain.max(axis=1)
        given = chances.predicates[np.arange(len(pairs)), chosen]
        unsure = (given < self.options.sure) & (plain_scores > given)
        scores = np.where(unsure, plain_scores * chances.related, scores)
        for row in np.argsort(-scores, kind="stable").tolist():
            if scores[row] < self.options.least_score:
                break
            subject, target = (places[end] for end in pairs[row].tolist())
            name = POSITIONS[word[row]] if unsure[row] else self._names[chosen[row]]
            yield SceneRelation(subject, name, target, float(scores[row]))

    def _appearance(self, scene: SceneGraph, places: list[int]) -> FloatArray | None:
        """The objects' appearance, where the classifier takes it and it fits."""
        width = self.classifier.config.appearance
        if not width or scene.appearance is None or scene.appearance.shape[1] != width:
            return None
        return scene.appearance[places]

    @property
    def settings(self) -> dict[str, object]:
        """What decides about relations, for who keeps them: options, and what the weights are."""
        return {"relations": self.classifier.digest, **asdict(self.options)}
