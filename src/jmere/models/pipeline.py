"""Pipelines: a model finds the entities, then MEGA their relations (Table 1's ``X+MEGA``)."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from jmere.checks import check_choices
from jmere.config import parse_config
from jmere.errors import nearest, short_repr
from jmere.layers.encoder import WordEncoder, mean_by_word
from jmere.layers.entities import EntityHead
from jmere.layers.projectors import VisualNodes
from jmere.layers.spans import WordSpans, grid_labels, pair_tags, read_spans, write_grid
from jmere.layers.summary import PictureSummary
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.fusions.base import Fusion
from jmere.models.fusions.catalog import FUSIONS
from jmere.models.fusions.mega import StructureConfig, structure_of
from jmere.models.fusions.visual_nodes import ObjectConfig, visual_nodes
from jmere.models.sizes import Sizes
from jmere.models.tagging import Tagging


@dataclass(frozen=True, kw_only=True)
class RelationConfig(ObjectConfig):
    """Config of MEGA as a classifier of entity pairs, its original task."""

    sem_sigmoid: bool = True
    """Squash the alignment by meaning, as the code does."""
    dropout: float = 0.5
    """Dropout probability."""
    structure: StructureConfig = field(default_factory=StructureConfig)
    trained: str | None = None
    """The model folder of a pipeline whose relation half was taken as it is; it is read when a
    training starts, never afterwards."""

    def __post_init__(self) -> None:
        check_choices(self, "model.relations", shares=("dropout",), counts=("object_width",))


@dataclass(frozen=True, kw_only=True)
class PipelineConfig:
    """Config of a pipeline: the entity model and the relation classifier."""

    entities: Mapping[str, Any]
    """``name`` of a fusion, and its choices but those of the head for pairs."""
    entity_dropout: float = 0.2
    """Dropout before the conditional random field."""
    relations: RelationConfig = field(default_factory=RelationConfig)

    def __post_init__(self) -> None:
        check_choices(self, "model", shares=("entity_dropout",))
        name, choices = self.fusion()
        written = asdict(choices)
        written.pop("pairs", None)
        object.__setattr__(self, "entities", {"name": name, **written})

    def fusion(self) -> tuple[str, Any]:
        """Return the entity model's name and config.

        Raises:
            ValueError: If it is unknown, or one of its keys is, with the nearest known one.
        """
        choices = dict(self.entities)
        name = choices.pop("name", None)
        if not isinstance(name, str) or name not in FUSIONS:
            shown = short_repr(name)
            raise ValueError(f"unknown model.entities.name {shown}; {nearest(str(name), FUSIONS)}")
        if "pairs" in choices:
            raise ValueError("model.entities.pairs: a pipeline has no word-pair head")
        return name, parse_config(FUSIONS[name].config, choices, "model.entities")


class Pipeline(nn.Module):
    """Two models that share nothing: the second sees of the first its entities alone.

    Both learn from gold entities, each by its own loss, so training them in one run is
    training them apart. What is decided is written as a grid, which is decoded and scored
    like any other.
    """

    def __init__(
        self,
        *,
        encoder: WordEncoder,
        fuse: Fusion,
        entities: EntityHead,
        relations: "PairClassifier",
        types: int,
    ) -> None:
        super().__init__()
        self.encoder, self.fuse, self.entities = encoder, fuse, entities
        self.relations, self.types = relations, types
        self.learns_relations = True
        self._gold_entities = False

    def take_relations(self, weights: Mapping[str, Tensor]) -> None:
        """Put in a trained relation half, which is not trained further.

        Raises:
            RuntimeError: If the weights are of another shape.
        """
        self.relations.load_state_dict(dict(weights))
        self.relations.requires_grad_(requires_grad=False)
        self.learns_relations = False

    @contextmanager
    def gold_entities(self) -> Iterator[None]:
        """Find the relations of the gold entities, where a batch has them, meanwhile."""
        self._gold_entities = True
        try:
            yield
        finally:
            self._gold_entities = False

    def forward(self, batch: TensorBatch, *, alignment: bool = True) -> Tagging:
        """Find entities, then the relation of each ordered pair of them."""
        fused = self.fuse(*self.encoder.words_and_labels(batch), batch)
        gold, losses = batch.gold, dict(fused.auxiliary)
        if self.training and gold is not None:
            labels = grid_labels(gold, types=self.types)
            spans = read_spans(labels)
            losses["entities"] = self.entities.losses(fused.words, labels, batch.word_mask)
            if self.learns_relations:
                pairs = self.relations(batch, spans)
                losses["relations"] = pair_losses(pairs, gold, spans, types=self.types)
            else:
                pairs = fused.words.new_zeros(*spans.pairs.shape, self.relations.count)
        elif self._gold_entities and gold is not None:
            spans = read_spans(grid_labels(gold, types=self.types))
            pairs = self.relations(batch, spans)
        else:
            spans = read_spans(self.entities.best(fused.words, batch.word_mask))
            pairs = self.relations(batch, spans)
        scores = write_grid(spans, pairs, types=self.types)
        return Tagging(scores, losses, fused.alignment, decided=True)


class PairClassifier(nn.Module):
    """MEGA over ordered pairs of entities, all pairs of a post from one pass of its encoder.

    Departs from MEGA in that an entity is the mean of its words, not the state of a
    marker before it, which would take a pass per pair; and that both orders of a pair are
    classified, the one that is not annotated as none, since a quintuple has a direction.
    All that follows the alignments is linear, so head, tail and picture are projected apart.
    """

    def __init__(
        self,
        *,
        encoder: WordEncoder,
        objects: VisualNodes,
        summary: PictureSummary,
        structure: StructureConfig,
        relations: int,
        dropout: float,
    ) -> None:
        super().__init__()
        hidden, width = encoder.hidden, 2 * encoder.hidden
        self.encoder, self.objects, self.summary = encoder, objects, summary
        self.structure = structure
        self.head, self.tail = nn.Linear(hidden, width), nn.Linear(hidden, width, bias=False)
        self.picture = nn.Linear(width, width, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.classify = nn.Linear(width, relations)
        self.count = relations

    def forward(
        self, batch: TensorBatch, spans: WordSpans
    ) -> Float[Tensor, "batch spans spans relations"]:
        """Scores of no relation and of each relation, of every ordered pair."""
        words, labels = self.encoder.words_and_labels(batch)
        objects = self.objects(batch, labels)
        summary = self.summary(
            words,
            objects,
            structure_of(batch, self.structure).to(words.dtype),
            word_mask=batch.word_mask,
            object_mask=batch.object_mask,
        )
        entities = mean_by_word(words, spans.of_word, words=spans.types.shape[1])
        head = self.head(entities) + self.picture(summary)[:, None]
        scores: Tensor = (
            self.classify(self.dropout(head))[:, :, None]
            + (self.dropout(self.tail(entities)) @ self.classify.weight.T)[:, None]
        )
        return scores


def pair_losses(
    pairs: Float[Tensor, "batch spans spans relations"],
    gold: Int[Tensor, "batch words words"],
    spans: WordSpans,
    *,
    types: int,
) -> Float[Tensor, " batch"]:
    """Mean cross-entropy over the ordered pairs of each post; 0 where there is no pair."""
    tags = pair_tags(gold, spans, types=types)
    losses = cross_entropy(pairs.float().flatten(0, 2), tags.flatten(), reduction="none")
    counted = losses.view(tags.shape) * spans.pairs
    return counted.sum(dim=(1, 2)) / spans.pairs.sum(dim=(1, 2)).clamp(min=1)


def build(config: PipelineConfig, encoder: WordEncoder, sizes: Sizes) -> Pipeline:
    """Turn a config into the parts of a pipeline; its second half has a separate encoder."""
    name, choices = config.fusion()
    fuse = FUSIONS[name].fuse(choices, encoder.hidden, sizes)
    relations, width = config.relations, 2 * encoder.hidden
    return Pipeline(
        encoder=encoder,
        fuse=fuse,
        entities=EntityHead(hidden=fuse.width, types=sizes.types, dropout=config.entity_dropout),
        relations=PairClassifier(
            encoder=copy.deepcopy(encoder),
            objects=visual_nodes(
                relations,
                sizes,
                encoder.hidden,
                output=width,
                kind="linear",
                dropout=0.0,
                native="appearance",
            ),
            summary=PictureSummary(
                words=encoder.hidden, objects=width, width=width, sigmoid=relations.sem_sigmoid
            ),
            structure=relations.structure,
            relations=sizes.tags - sizes.types,
            dropout=relations.dropout,
        ),
        types=sizes.types,
    )
