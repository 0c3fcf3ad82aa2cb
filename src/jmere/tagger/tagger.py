"""A model with everything it needs to read posts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from jmere.grid.decode import Decoder
from jmere.inputs.batch import PostBatch
from jmere.inputs.batcher import Batcher
from jmere.inputs.graph_config import GraphConfig
from jmere.inputs.prepare import Preparer
from jmere.models.registry import ModelConfig
from jmere.models.tagging import SoftAlignment, Tagging
from jmere.scenes.sources.search import SceneSources
from jmere.tagger.weights import Precision
from jmere.tags import TagSet


@dataclass(frozen=True)
class TaggerConfig:
    """The model and how its graphs are made."""

    model: ModelConfig
    graphs: GraphConfig = field(default_factory=GraphConfig)


class Tagger:
    """Reads posts and tags their word pairs: network, tokenizer, parser, vocabularies, tags."""

    def __init__(
        self,
        *,
        config: TaggerConfig,
        network: nn.Module,
        preparer: Preparer,
        batcher: Batcher,
        decoder: Decoder,
    ) -> None:
        self.config, self.network = config, network
        self.prepare, self.batch, self.decoder = preparer, batcher, decoder

    @property
    def tags(self) -> TagSet:
        """The tag set of the model."""
        return self.batch.tags

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    def use_scenes(self, sources: SceneSources) -> None:
        """Take the visual graphs of posts from these sources."""
        self.prepare = replace(self.prepare, scenes=sources)

    @torch.inference_mode()
    def scores(
        self, batch: PostBatch
    ) -> tuple[NDArray[np.float32], NDArray[np.int64], SoftAlignment | None]:
        """Scores of a batch (posts x words x words x tags), its lengths and its alignment."""
        self.network.eval()
        tagging: Tagging = self.network(batch.to(self.device))
        lengths = batch.word_mask.sum(dim=1).numpy()
        return tagging.scores.float().cpu().numpy(), lengths, tagging.alignment

    @classmethod
    def from_pretrained(cls, name: str | Path, *, parser: str | None = None) -> Tagger:
        """Read a model folder or a hub id; see ``jmere.tagger.storage.load_tagger``."""
        from jmere.tagger.storage import load_tagger

        return load_tagger(name, parser=parser)

    def save_pretrained(self, folder: str | Path, *, precision: Precision = "float32") -> None:
        """Write the model folder; see ``jmere.tagger.storage.save_tagger``."""
        from jmere.tagger.storage import save_tagger

        save_tagger(self, folder, precision=precision)
