"""Posts and graphs become one batch of arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8
from numpy.typing import NDArray

from jmere.grid.encode import encode_batch
from jmere.inputs.batch import GEOMETRY_WIDTH, NumpyBatch, PostBatch
from jmere.inputs.prepare import PreparedPost
from jmere.records import SceneGraph
from jmere.tags import ABSENT, IGNORE, TagSet, Vocabulary
from jmere.text.cooccurrence import CooccurrenceTable
from jmere.text.dependency import SELF, dependency_types, hop_distances, pos_ids
from jmere.text.pieces import SPECIAL
from jmere.text.shapes import shape_ids


@dataclass(frozen=True)
class Batcher:
    """Turns prepared posts into batches, by the vocabularies of one model."""

    tags: TagSet
    pos: Vocabulary
    dependencies: Vocabulary
    predicates: Vocabulary
    cooccurrence: CooccurrenceTable
    symmetric: bool = False
    """Whether gold relations are written in both directions (the paper's form)."""
    appearance_width: int = 0
    """Width of the appearance vectors the model takes; 0 where it takes none."""
    context: bool = False
    """Whether the model reads words of the picture behind the post."""

    def __call__(self, posts: Sequence[PreparedPost], *, gold: bool = False) -> NumpyBatch:
        """Pad posts to the longest of them; with ``gold``, encode their annotation too."""
        if not posts:
            raise ValueError("a batch needs at least one post")
        graphs = [post.graph for post in posts]
        words = max([1, *(len(post.words) for post in posts)])
        piece_ids = _pad([post.pieces.ids + post.context for post in posts], 0)
        piece_words = _pad(
            [post.pieces.words + (SPECIAL,) * len(post.context) for post in posts], SPECIAL
        )
        scenes = [post.scene for post in posts]
        boxes, box_mask = _geometry(scenes)
        appearance, appearance_mask = self._appearance(scenes)
        return PostBatch(
            piece_ids=piece_ids,
            piece_mask=_mask([post.length for post in posts], piece_ids.shape[1]),
            piece_words=np.where(piece_words == SPECIAL, words, piece_words),
            word_mask=_mask([len(post.words) for post in posts], words),
            shapes=_pad([shape_ids(post.words.words) for post in posts], 0, least=1).astype(
                np.uint8
            ),
            pos=_whole(pos_ids(graphs, self.pos), words),
            dependencies=_whole(dependency_types(graphs, self.dependencies), words),
            hops=_whole(hop_distances(graphs), words),
            cooccurrence=_whole(
                self.cooccurrence.bins([post.words.words for post in posts]), words
            ),
            label_pieces=_label_pieces(posts),
            object_mask=_mask([len(s.objects) for s in scenes], box_mask.shape[1]),
            boxes=boxes,
            box_mask=box_mask,
            appearance=appearance,
            appearance_mask=appearance_mask,
            relations=relation_types(scenes, self.predicates),
            gold=self._gold(posts, words) if gold else None,
            taught=self._taught(posts, words) if gold else None,
            context=_context(posts, piece_ids.shape[1]) if self.context else None,
        )

    def _appearance(
        self, scenes: Sequence[SceneGraph]
    ) -> tuple[Float[np.ndarray, "batch objects width"], Bool[np.ndarray, "batch objects"]]:
        objects = _most_objects(scenes)
        values = np.zeros((len(scenes), objects, self.appearance_width), np.float32)
        mask = np.zeros((len(scenes), objects), bool)
        for index, scene in enumerate(scenes):
            rows = scene.appearance
            if rows is None or not self.appearance_width:
                continue
            if rows.shape[1] != self.appearance_width:
                raise ValueError(
                    f"appearance vectors are {rows.shape[1]} wide, "
                    f"but the model takes {self.appearance_width}"
                )
            values[index, : len(rows)] = np.nan_to_num(rows)
            mask[index, : len(rows)] = ~np.isnan(rows).any(axis=1)
        return values, mask

    def _gold(
        self, posts: Sequence[PreparedPost], words: int
    ) -> Int[np.ndarray, "batch words words"]:
        grids, _ = encode_batch(
            [(post.links, post.mentions, len(post.words)) for post in posts],
            self.tags,
            symmetric=self.symmetric,
        )
        missing = words - grids.shape[1]
        padded = np.pad(grids, [(0, 0), (0, missing), (0, missing)], constant_values=IGNORE)
        padded[[not post.annotated for post in posts]] = IGNORE
        return padded.astype(np.int64)

    def _taught(
        self, posts: Sequence[PreparedPost], words: int
    ) -> Float[np.ndarray, "batch words words tags"] | None:
        if all(post.taught is None for post in posts):
            return None
        values = np.zeros((len(posts), words, words, len(self.tags)), np.float32)
        for row, post in zip(values, posts, strict=True):
            if post.taught is not None:
                row[: len(post.words), : len(post.words)] = post.taught
        return values


def relation_types(
    scenes: Sequence[SceneGraph], predicates: Vocabulary
) -> UInt8[np.ndarray, "batch objects objects"]:
    """Relation types of the visual graphs: undirected, with self-loops, 0 for no edge."""
    objects = _most_objects(scenes)
    types = np.full((len(scenes), objects, objects), ABSENT, np.uint8)
    loop = predicates.id(SELF)
    for index, scene in enumerate(scenes):
        count = len(scene.objects)
        # The surest relation of a pair is written last, so it stays.
        for relation in sorted(scene.relations, key=lambda r: -1.0 if r.score is None else r.score):
            number = predicates.id(relation.predicate)
            types[index, relation.subject, relation.object] = number
            types[index, relation.object, relation.subject] = number
        types[index, range(count), range(count)] = loop
    return types


def _geometry(
    scenes: Sequence[SceneGraph],
) -> tuple[Float[np.ndarray, "batch objects 5"], Bool[np.ndarray, "batch objects"]]:
    objects = _most_objects(scenes)
    values = np.zeros((len(scenes), objects, GEOMETRY_WIDTH), np.float32)
    mask = np.zeros((len(scenes), objects), bool)
    for index, scene in enumerate(scenes):
        boxes = {i: o.box for i, o in enumerate(scene.objects) if o.box is not None}
        if not boxes:
            continue
        corners = np.array(list(boxes.values()), np.float32)
        # Without the picture's size, the boxes' own extent stands in for it.
        width, height = scene.size or (corners[:, 2].max(), corners[:, 3].max())
        shares = corners / np.array([width, height, width, height], np.float32).clip(min=1)
        area = (shares[:, 2] - shares[:, 0]) * (shares[:, 3] - shares[:, 1])
        rows = list(boxes)
        values[index, rows] = np.concatenate([shares, area[:, None]], axis=1)
        mask[index, rows] = True
    return values, mask


def _label_pieces(posts: Sequence[PreparedPost]) -> Int[np.ndarray, "batch objects label"]:
    objects = _most_objects([post.scene for post in posts])
    longest = max((len(ids) for post in posts for ids in post.label_pieces), default=0)
    values = np.full((len(posts), objects, longest), -1, np.int64)
    for index, post in enumerate(posts):
        for row, ids in enumerate(post.label_pieces):
            values[index, row, : len(ids)] = ids
    return values


def _most_objects(scenes: Sequence[SceneGraph]) -> int:
    return max(len(scene.objects) for scene in scenes)


def _pad(rows: Sequence[Sequence[int]], fill: int, *, least: int = 0) -> NDArray[np.int64]:
    values = np.full((len(rows), max(least, *map(len, rows))), fill, np.int64)
    for index, row in enumerate(rows):
        values[index, : len(row)] = row
    return values


def _mask(lengths: Sequence[int], longest: int) -> Bool[np.ndarray, "batch places"]:
    mask: NDArray[np.bool_] = np.arange(longest) < np.array(lengths)[:, None]
    return mask


def _context(posts: Sequence[PreparedPost], pieces: int) -> Bool[np.ndarray, "batch pieces"]:
    own = _mask([len(post.pieces.ids) for post in posts], pieces)
    behind: NDArray[np.bool_] = _mask([post.length for post in posts], pieces) & ~own
    return behind


def _whole(values: NDArray[np.uint8], words: int) -> UInt8[np.ndarray, "..."]:
    """Room for one word at least, so that a batch of empty posts has a shape too."""
    missing = words - values.shape[1]
    if missing:
        values = np.pad(values, [(0, 0)] + [(0, missing)] * (values.ndim - 1))
    return values
