"""Relation prediction for scene graphs: the public entry point."""

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
"""Maximum number of objects considered, by score."""


@dataclass(frozen=True, kw_only=True)
class RelateOptions:
    """Options of relation prediction."""

    max_relations: int = 20
    """Maximum number of added relations (top-k)."""
    min_score: float = 0.05
    """Minimum probability of a relation."""
    min_predicate_probability: float = 0.3
    """Probability of a predicate given a relation below which a more probable spatial predicate
    replaces it.
    """
    both_ways: bool = False
    """Whether two objects may be related in both directions."""
    unbiased: bool = False
    """Predict by the pair's own evidence, without frequency bias (Tang et al. 2020)."""

    def __post_init__(self) -> None:
        if self.max_relations < 0:
            raise ValueError(f"relate.max_relations must not be negative, got {self.max_relations}")
        for name in ("min_score", "min_predicate_probability"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"relate.{name} must be in [0, 1], got {getattr(self, name)}")


class Relator:
    """Relation predictor: adds relations to a scene graph, from its labels and boxes.

    Example:
        >>> from jmere.records import SceneObject
        >>> man = SceneObject("man", (20, 10, 60, 100))
        >>> horse = SceneObject("horse", (0, 50, 90, 140))
        >>> scene = Relator.load().relate(SceneGraph((man, horse)))
        >>> first = scene.relations[0]
        >>> scene.objects[first.subject].label, first.predicate
        ('horse', 'carrying')
    """

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
        """Load a classifier's folder, by default the bundled one.

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
        """Return the scene with relations added, by descending probability.

        A relation's score is its probability given that both objects are present. Objects
        without a box are skipped, and existing relations are not duplicated. Predicates are in
        caption form (``caption_form``).
        """
        indices = self._boxed(scene)
        if len(indices) < 2 or not self.options.max_relations:
            return scene
        taken = {frozenset((each.subject, each.object)) for each in scene.relations}
        added: list[SceneRelation] = []
        for relation in self._candidates(scene, indices):
            pair = frozenset((relation.subject, relation.object))
            if pair not in taken:
                added.append(relation)
                if len(added) == self.options.max_relations:
                    break
            if not self.options.both_ways:
                taken.add(pair)
        return replace(scene, relations=(*scene.relations, *added))

    def _boxed(self, scene: SceneGraph) -> list[int]:
        """Return the indices of objects with a box, limited to the highest-scoring."""
        boxed = [index for index, thing in enumerate(scene.objects) if thing.box is not None]
        if len(boxed) > MAX_RELATED_OBJECTS:
            boxed.sort(key=lambda index: -(scene.objects[index].score or 0))
        return sorted(boxed[:MAX_RELATED_OBJECTS])

    def _candidates(self, scene: SceneGraph, indices: list[int]) -> Iterator[SceneRelation]:
        """Yield relations that reach the minimum score, by descending probability."""
        labels = tuple(scene.objects[index].label for index in indices)
        boxes = np.array([scene.objects[index].box for index in indices], dtype=np.float64)
        pairs = ordered_pairs(len(indices))
        probabilities = self.classifier.predict(
            self.classifier.vectors(labels),
            self.classifier.mixtures(labels),
            boxes,
            pairs,
            appearance=self._appearance(scene, indices),
            unbiased=self.options.unbiased,
        )
        chosen, scores = probabilities.best()
        # A word's chance is that of all predicates it is true of.
        plain = (probabilities.predicates @ self._meanings.T) * positions(in_frame(boxes), pairs)
        word, plain_scores = plain.argmax(axis=1), plain.max(axis=1)
        given = probabilities.predicates[np.arange(len(pairs)), chosen]
        unsure = (given < self.options.min_predicate_probability) & (plain_scores > given)
        scores = np.where(unsure, plain_scores * probabilities.related, scores)
        for row in np.argsort(-scores, kind="stable").tolist():
            if scores[row] < self.options.min_score:
                break
            subject, target = (indices[end] for end in pairs[row].tolist())
            name = POSITIONS[word[row]] if unsure[row] else self._names[chosen[row]]
            yield SceneRelation(subject, name, target, float(scores[row]))

    def _appearance(self, scene: SceneGraph, indices: list[int]) -> FloatArray | None:
        """Return the objects' appearance if the classifier can use it."""
        width = self.classifier.config.appearance
        if not width or scene.appearance is None or scene.appearance.shape[1] != width:
            return None
        return scene.appearance[indices]

    @property
    def settings(self) -> dict[str, object]:
        """Return the cache key: everything that affects the predicted relations."""
        return {"relations": self.classifier.digest, **asdict(self.options)}
