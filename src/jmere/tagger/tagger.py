"""A model with everything it needs to read posts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jmere.grid.decode import Decoder
from jmere.inputs.batch import NumpyBatch
from jmere.inputs.batcher import Batcher
from jmere.inputs.graph_config import GraphConfig
from jmere.inputs.prepare import Preparer
from jmere.scenes.sources.search import SceneSources
from jmere.tagger.folder import Precision
from jmere.tagger.scorer import Backend, GridScores, Scorer
from jmere.tags import TagSet

if TYPE_CHECKING:
    from torch import nn

    from jmere.models.registry import ModelConfig
    from jmere.tagger.names.name_files import NameConfig
    from jmere.tagger.torch_scorer import TorchScorer
    from jmere.tagger.visible.visibility import Visibility


@dataclass(frozen=True)
class TaggerConfig:
    """The model and how its graphs are made."""

    model: ModelConfig
    graphs: GraphConfig = field(default_factory=GraphConfig)


class Tagger:
    """Reads posts and tags their word pairs: scorer, tokenizer, parser, vocabularies, tags."""

    def __init__(
        self,
        *,
        scorer: Scorer,
        graphs: GraphConfig,
        preparer: Preparer,
        batcher: Batcher,
        decoder: Decoder,
    ) -> None:
        self.scorer, self.graphs = scorer, graphs
        self.prepare, self.batch, self.decoder = preparer, batcher, decoder
        self.visibility: Visibility | None = None
        """Judges whether the picture shows an entity, where the model has a head for it."""
        self.names: NameConfig | None = None
        """Config of the head that labels names, where the model has one."""
        self.name: str | None = None
        """Name of the model, which its results repeat: a folder's own name, or a hub id."""

    @property
    def tags(self) -> TagSet:
        """The tag set of the model."""
        return self.batch.tags

    @property
    def config(self) -> TaggerConfig:
        """The model and its graphs; only of the torch engine."""
        return TaggerConfig(self._engine().model, self.graphs)

    @property
    def network(self) -> nn.Module:
        """The network; only of the torch engine."""
        return self._engine().network

    def _engine(self) -> TorchScorer:
        from jmere.tagger.torch_scorer import TorchScorer

        if not isinstance(self.scorer, TorchScorer):
            raise TypeError("this model runs without torch; load it with backend='torch'")
        return self.scorer

    def take_config(self, model: ModelConfig) -> None:
        """Give the network the config of a training that continues with it."""
        self._engine().model = model

    def use_scenes(self, sources: SceneSources) -> None:
        """Take the visual graphs of posts from these sources."""
        self.prepare = replace(self.prepare, scenes=sources)

    def scores(self, batch: NumpyBatch, *, alignment: bool = True) -> GridScores:
        """Scores of a batch; without ``alignment``, plan and attention are not computed."""
        return self.scorer(batch, alignment=alignment)

    @classmethod
    def from_pretrained(
        cls,
        name: str | Path,
        *,
        parser: str | None = None,
        backend: Backend = "torch",
        device: str = "cpu",
    ) -> Tagger:
        """Read a model folder or a hub id; see ``jmere.tagger.storage.load_tagger``."""
        from jmere.tagger.storage import load_tagger

        tagger = load_tagger(name, parser=parser, backend=backend, device=device)
        path = Path(name)
        tagger.name = path.resolve().name if path.exists() else str(name)
        return tagger

    def save_pretrained(self, folder: str | Path, *, precision: Precision = "float32") -> None:
        """Write the model folder; see ``jmere.tagger.storage.save_tagger``."""
        from jmere.tagger.storage import save_tagger

        save_tagger(self, folder, precision=precision)
