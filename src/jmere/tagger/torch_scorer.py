"""The torch engine: a network, and its weights from a model folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModel

from jmere.errors import one_line
from jmere.inputs.batch import NumpyBatch
from jmere.inputs.batcher import Batcher
from jmere.layers.encoder import WordEncoder
from jmere.layers.name_head import NameHead
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.registry import ModelConfig
from jmere.models.sizes import Sizes
from jmere.pretrained.encoders import encoder_config
from jmere.tagger.engine_threads import EngineThreads
from jmere.tagger.folder import CONFIG, WEIGHTS
from jmere.tagger.names.name_files import read_name_config
from jmere.tagger.names.torch_names import load_names, tag_with_names
from jmere.tagger.scorer import GridScores
from jmere.tagger.tensors import build_fitting, read_header
from jmere.tagger.weights import load_weights
from jmere.text.dependency import HOP_BINS


class TorchScorer:
    """Scores batches by a network, on the processor or a GPU."""

    pool: EngineThreads | None = None

    def __init__(self, network: nn.Module, model: ModelConfig) -> None:
        self.network, self.model = network, model
        self.names: NameHead | None = None
        """Labels the words of names, where the model has a head for them."""
        encoder: Any = network.encoder
        self.longest: int = encoder.longest
        self.vocabulary = len(encoder.transformer.get_input_embeddings().weight)

    @property
    def device(self) -> torch.device:
        """Device of the network."""
        return next(self.network.parameters()).device

    def to(self, device: str) -> None:
        """Move the network; ``auto`` is a GPU where there is one.

        Raises:
            ValueError: If there is no such device.
        """
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self.network.to(device)
            if self.names is not None:
                self.names.to(device)
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"device {device!r} is not available: {reason}") from None

    @torch.inference_mode()
    def __call__(
        self, batch: NumpyBatch, *, alignment: bool = True, names: bool = False
    ) -> GridScores:
        """Score a batch; see ``Scorer``."""
        self.network.eval()
        tensors = TensorBatch.of(batch).to(self.device)
        labels: Tensor | None = None
        if names and self.names is not None:
            tagging, labels = tag_with_names(self.network, self.names, tensors, alignment=alignment)
        else:
            tagging = self.network(tensors, alignment=alignment)
        soft = tagging.alignment if alignment else None
        plan, attention = (None, None) if soft is None else map(_array, soft)
        return GridScores(
            _array(tagging.scores),
            batch.word_mask.sum(axis=1),
            plan,
            attention,
            None if labels is None else _array(labels),
        )

    def start(self, batch: NumpyBatch, *, alignment: bool = True, names: bool = False) -> "_Later":
        """Score a batch when the result is asked for: torch has threads of its own."""
        return _Later(self, batch, alignment, names)


@dataclass(frozen=True, eq=False)
class _Later:
    scorer: TorchScorer
    batch: NumpyBatch
    alignment: bool
    names: bool

    def result(self) -> GridScores:
        return self.scorer(self.batch, alignment=self.alignment, names=self.names)


def load_network(folder: Path, values: Mapping[str, Any], batcher: Batcher) -> TorchScorer:
    """Read the network of a model folder.

    Args:
        folder: The folder.
        values: Its config.
        batcher: Its vocabularies.

    Raises:
        ValueError: If the config is not a model's, or the weights are damaged or do not fit it.
    """
    path = folder / CONFIG
    try:
        model = ModelConfig.parse_trained(values["model"])
        encoder = encoder_config(values.get("encoder"), where="encoder")
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not a jmere model's config ({one_line(error)})") from None

    def build() -> nn.Module:
        transformer = AutoModel.from_config(encoder, trust_remote_code=False)  # type: ignore[no-untyped-call]
        return build_network(model, transformer, batcher)

    network = build_fitting(build, read_header(folder / WEIGHTS), where=path)
    network.load_state_dict(load_weights(folder / WEIGHTS))
    network.eval()
    scorer = TorchScorer(network, model)
    config = read_name_config(folder, batcher.tags.entity_types)
    if config is not None:
        word_encoder: Any = network.encoder
        scorer.names = load_names(folder, config, word_encoder)
    return scorer


def build_network(model: ModelConfig, transformer: nn.Module, batcher: Batcher) -> nn.Module:
    """Build the network of a config over a text encoder."""
    if hasattr(transformer, "pooler"):
        transformer.pooler = None  # type: ignore[assignment]
    sizes = Sizes(
        tags=len(batcher.tags),
        types=len(batcher.tags.entity_types),
        pos=len(batcher.pos),
        dependencies=len(batcher.dependencies),
        predicates=len(batcher.predicates),
        hops=HOP_BINS,
        cooccurrence=batcher.cooccurrence.bin_count,
        appearance=batcher.appearance_width,
    )
    return model.build(WordEncoder(transformer, context=batcher.context), sizes)


def _array(tensor: Tensor) -> np.ndarray:
    array: np.ndarray = tensor.float().cpu().numpy()
    return array
