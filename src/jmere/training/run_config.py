"""One run is one file: what to train on, which model, and how."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from jmere.checks import check_choices
from jmere.config import parse_config
from jmere.evaluation.scores import Reading
from jmere.grid.decode import DecodeOptions
from jmere.inputs.graph_config import GraphConfig, GraphSettings
from jmere.models.registry import ModelConfig
from jmere.models.tagging import LossConfig
from jmere.scenes.combine import DEFAULT_OBJECTS
from jmere.scenes.visual_config import VisualConfig
from jmere.tagger.folder import Precision
from jmere.training.begin_values import with_begun
from jmere.training.crowds.crowd_config import JoinConfig, VaryConfig
from jmere.training.moved_keys import moved_values


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Data of a run."""

    train: list[str]
    """JSON Lines files to learn from."""
    dev: str
    """JSON Lines file to select on; never the test split."""
    unlabelled: list[str] = field(default_factory=list)
    """Files of posts whose only targets are the probabilities of ``teachers``."""
    tags: str = "default"
    """Tag set file, or ``default`` for the JMERE set."""
    join: JoinConfig = field(default_factory=JoinConfig)
    """Training posts joined, several in a text, drawn anew in every epoch; and stacked dev sets."""
    vary: VaryConfig = field(default_factory=VaryConfig)
    """Training posts written otherwise, drawn anew in every epoch."""
    keep_overlap: bool = False
    """Keep training posts whose text is in dev too."""
    window: int = 8
    """Words of a text that count as occurring together."""
    predicate_count: int = 5
    """Minimum number of training relations for a predicate to have its own type."""


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Training settings."""

    epochs: int = 30
    """Passes over the training posts, by which ``linear`` falls to 0; ``--resume`` takes more."""
    batch_size: int = 16
    """Posts of one step."""
    encoder_learning_rate: float = 2e-5
    """Peak learning rate of the text encoder."""
    learning_rate: float = 1e-3
    """Learning rate of all layers except the encoder."""
    layer_decay: float = 1.0
    """Learning rate of an encoder's layer beside that of the layer above it."""
    adversarial: float = 0.0
    """Length of the adversarial step of the embeddings (FGM); 0: none."""
    weight_decay: float = 0.01
    """Weight decay of AdamW."""
    warmup: float = 0.1
    """Share of the steps during which the learning rates rise from 0."""
    schedule: Literal["linear", "step"] = "linear"
    """Fall to 0 by the last step, or by ``decay`` every ``decay_epochs``."""
    decay: float = 0.5
    """Factor of the ``step`` schedule."""
    decay_epochs: int = 10
    """Epochs between two steps of the ``step`` schedule."""
    gradient_clip: float = 1.0
    """Maximum norm of the gradient; 0 does not clip."""
    average: float = 0.0
    """Decay of the moving average of the weights that is scored and saved; 0: the weights."""
    patience: int = 5
    """Epochs without a better dev score after which to stop; not counted while F1 is 0."""
    reading: Reading = "directed"
    """Reading of the dev score, whose JMERE F1 selects the best epoch."""
    mixed_precision: Literal["no", "bf16", "fp16"] = "no"
    """Precision of the computation; ``bf16`` and ``fp16`` save memory."""
    seed: int = 19
    """Seed of new weights, of the order of the posts and of dropout."""
    signatures: bool = False
    """Admit only the types of head and tail that a relation has in the training posts."""
    centre: int = 0
    """Training posts with objects over which an EEGA's words take nothing from objects on average
    (``jmere.training.centre``), once it is trained; 0: the model stays as it was trained."""
    tune_decoding: bool = False
    """Tune the decoding's biases on dev after training."""
    calibrate: bool = False
    """Calibrate the scores on dev after training."""
    storage: Precision = "float32"
    """Precision of the saved weights."""

    def __post_init__(self) -> None:
        counts = ("epochs", "batch_size", "decay_epochs", "patience")
        check_choices(self, "training", counts=counts, shares=("warmup",), amounts=("centre",))
        for name in (
            "encoder_learning_rate",
            "learning_rate",
            "adversarial",
            "weight_decay",
            "gradient_clip",
            "decay",
        ):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(
                    f"training.{name} must be finite and not negative, got {getattr(self, name)}"
                )
        if not 0 < self.layer_decay <= 1:
            raise ValueError(f"training.layer_decay must be in (0, 1], got {self.layer_decay}")
        if not 0 <= self.average < 1:
            raise ValueError(f"training.average must be in [0, 1), got {self.average}")


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """All settings of a training."""

    output: str
    """Folder of the run: the model, checkpoints and logs."""
    encoder: str
    """Folder or hub id of the pretrained text encoder; ``default`` is the bundled model's."""
    model: ModelConfig
    data: DataConfig
    begin: str | None = None
    """Trained model to start from, or ``default``: its encoder, layers, vocabularies and counts.
    Choices of ``model``, ``graphs`` and ``encoder`` that are not given are those of that model.
    With other tags, what depends on them is new, except for tags with the same names."""
    teachers: list[str] = field(default_factory=list)
    """Trained models whose mean probabilities are targets too (distillation)."""
    visual: VisualConfig = field(default_factory=VisualConfig)
    graphs: GraphSettings = field(default_factory=GraphSettings)
    loss: LossConfig = field(default_factory=LossConfig)
    decoding: DecodeOptions = field(default_factory=DecodeOptions)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def __post_init__(self) -> None:
        if self.data.unlabelled and not self.teachers:
            raise ValueError("data.unlabelled requires teachers: their probabilities are targets")
        visual = replace(self.visual, objects=self.visual.limit(DEFAULT_OBJECTS))
        object.__setattr__(self, "visual", visual)

    def graph_config(self) -> GraphConfig:
        """Return the graphs' settings of the model, made for the objects that it is shown."""
        objects = self.visual.limit(DEFAULT_OBJECTS)
        return GraphConfig(**asdict(self.graphs), objects=objects)

    @classmethod
    def parse(cls, values: Mapping[str, Any], *, used: bool = False) -> RunConfig:
        """Read a run file's values.

        Args:
            values: What the file says.
            used: Whether a run wrote them earlier, every choice of its time written out, so that
                a choice that came later is filled in as ``ModelConfig.parse_trained`` does.

        Raises:
            ValueError: If a key is unknown, with the nearest known one, or a value is wrong.
        """
        values = moved_values(values, warn=not used)
        if not used:
            values = with_begun(values, lambda part: ModelConfig.parse_trained(part).to_json())
        if not isinstance(values.get("model"), Mapping):
            raise ValueError("model must be given, with its name")
        parse_model = ModelConfig.parse_trained if used else ModelConfig.parse
        values["model"] = parse_model(values["model"])
        return parse_config(cls, values)

    def to_json(self) -> dict[str, Any]:
        """Return the run file with every value written out."""
        return {**asdict(self), "model": self.model.to_json()}
