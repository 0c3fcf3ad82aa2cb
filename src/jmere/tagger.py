"""A model with all it needs to read posts, and the folder it lives in."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoConfig, AutoModel

from jmere.batch import Batcher, PostBatch
from jmere.configs import parse_config
from jmere.files import write_json
from jmere.folder import (
    CONFIG,
    COOCCURRENCE,
    FORMAT,
    TAGS,
    WEIGHTS,
    find_folder,
    read_config,
    replace_folder,
)
from jmere.grid.calibration import Calibration
from jmere.grid.decode import Decoded, DecodeOptions, decode
from jmere.grid.signatures import Signature, admitted_types, read_signatures
from jmere.layers.encoder import WordEncoder
from jmere.models import ModelConfig
from jmere.models.sizes import Sizes
from jmere.models.storage import Precision, load_weights, save_weights
from jmere.models.tagging import SoftAlignment, Tagging
from jmere.prepare import Preparer
from jmere.records import SceneGraph
from jmere.tags import TagSet
from jmere.text.cooccurrence import CooccurrenceTable
from jmere.text.graph import HOP_BINS, dependency_vocabulary
from jmere.text.parser import Parser
from jmere.text.pieces import PieceTokenizer
from jmere.vision.sources import PixelReader, SceneSources
from jmere.vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True)
class GraphConfig:
    """How a post's two graphs are made."""

    parser: str | None = None
    """A spaCy model's name or folder; the bundled parser where absent."""
    objects: int = 10
    """Most objects of a picture, the surest ones (k)."""
    appearance: int = 0
    """Width of the objects' appearance vectors; 0 where the model takes none."""

    def __post_init__(self) -> None:
        if self.objects < 0 or self.appearance < 0:
            raise ValueError("graphs.objects and graphs.appearance must not be negative")


@dataclass(frozen=True)
class TaggerConfig:
    """All of a model folder's ``config.json`` but the encoder's own."""

    model: ModelConfig
    graphs: GraphConfig = field(default_factory=GraphConfig)
    decoding: DecodeOptions = field(default_factory=DecodeOptions)
    signatures: tuple[Signature, ...] | None = None
    """The types of head and tail that each relation may have; any where absent."""
    calibration: Calibration | None = None
    """What makes scores chances; absent where none was fitted."""


class Tagger:
    """Reads posts and tags their word pairs: network, tokenizer, parser, vocabularies, tags."""

    def __init__(
        self,
        *,
        config: TaggerConfig,
        network: nn.Module,
        preparer: Preparer,
        batcher: Batcher,
    ) -> None:
        self.config, self.network = config, network
        self.prepare, self.batch = preparer, batcher

    @property
    def tags(self) -> TagSet:
        """The tag set of the model."""
        return self.batch.tags

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    def use_scenes(
        self,
        scenes: Mapping[str, SceneGraph] | None = None,
        *,
        pixels: PixelReader | None = None,
    ) -> None:
        """Give posts without a visual graph that of their image, by file name or by its pixels."""
        sources = SceneSources(
            self.prepare.parser, files=scenes, pixels=pixels, objects=self.config.graphs.objects
        )
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

    def tag(self, batch: PostBatch) -> tuple[list[Decoded], SoftAlignment | None]:
        """Mentions and links of each post of a batch, in words, and its alignment."""
        scores, lengths, alignment = self.scores(batch)
        return self.decode(scores, lengths), alignment

    def decode(self, scores: NDArray[np.float32], lengths: NDArray[np.int64]) -> list[Decoded]:
        """Read grids of scores (posts x words x words x tags) as the config says."""
        admitted = None
        if self.config.signatures is not None:
            admitted = admitted_types(self.config.signatures, self.tags)
        return decode(
            scores,
            lengths,
            self.tags,
            self.config.decoding,
            signatures=admitted,
            calibration=self.config.calibration,
        )

    def least_score(self, precision: float) -> float:
        """The score from which so large a share was right on dev.

        Raises:
            ValueError: If the model is not calibrated, or never was so precise.
        """
        if self.config.calibration is None:
            raise ValueError("the model has no calibration; training.calibrate fits one on dev")
        return self.config.calibration.threshold(precision)

    @classmethod
    def create(
        cls,
        config: TaggerConfig,
        *,
        encoder: str | Path,
        parser: Parser,
        tags: TagSet,
        cooccurrence: CooccurrenceTable,
        predicates: Vocabulary,
    ) -> Tagger:
        """A tagger to train: a pretrained encoder, every other layer random."""
        transformer = AutoModel.from_pretrained(str(encoder), dtype=torch.float32)
        return cls._assemble(
            config,
            transformer=transformer,
            pieces=PieceTokenizer.load(encoder),
            parser=parser,
            batcher=Batcher(
                tags=tags,
                pos=Vocabulary(parser.pos_names),
                dependencies=dependency_vocabulary(parser.dependency_names),
                predicates=predicates,
                cooccurrence=cooccurrence,
                symmetric=config.decoding.symmetric,
                appearance_width=config.graphs.appearance,
            ),
        )

    @classmethod
    def _assemble(
        cls,
        config: TaggerConfig,
        *,
        transformer: nn.Module,
        pieces: PieceTokenizer,
        parser: Parser,
        batcher: Batcher,
    ) -> Tagger:
        if hasattr(transformer, "pooler"):
            transformer.pooler = None  # type: ignore[assignment]
        encoder = WordEncoder(transformer)
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
        network = config.model.build(encoder, sizes)
        scenes = SceneSources(parser, objects=config.graphs.objects)
        preparer = Preparer(parser, pieces, scenes, min(encoder.longest, pieces.longest))
        return cls(config=config, network=network, preparer=preparer, batcher=batcher)

    def save_pretrained(self, folder: str | Path, *, precision: Precision = "float32") -> None:
        """Write the model folder, whole or not at all; one that is there is replaced."""
        folder = Path(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            self.save_config(part)
            write_json(part / TAGS, self.tags.to_json())
            self.prepare.pieces.save(part)
            self.batch.cooccurrence.save(part / COOCCURRENCE)
            save_weights(self.network.state_dict(), part / WEIGHTS, precision)
            part.chmod(0o755)
            replace_folder(part, folder)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise

    def save_config(self, folder: Path) -> None:
        """Write the config of a model folder, and nothing else of it."""
        encoder: Any = self.network.encoder
        value = {
            "format": FORMAT,
            "model": self.config.model.to_json(),
            "graphs": asdict(self.config.graphs),
            "decoding": asdict(self.config.decoding),
            "signatures": self.config.signatures,
            "calibration": self.config.calibration and asdict(self.config.calibration),
            "pos": self.batch.pos.names,
            "dependencies": self.batch.dependencies.names,
            "predicates": self.batch.predicates.names,
            "encoder": encoder.transformer.config.to_diff_dict(),
        }
        write_json(folder / CONFIG, value)

    @classmethod
    def from_pretrained(cls, name: str | Path, *, parser: str | None = None) -> Tagger:
        """Read a model folder or a hub id; ``default`` is the bundled model.

        Args:
            name: Folder, hub id or ``default``.
            parser: A spaCy model in place of the one the model was trained with.

        Raises:
            FileNotFoundError: If there is no such folder, or a file of it is missing.
            ValueError: If the folder holds no model of ours, or a damaged one.
        """
        folder = find_folder(name)
        values = read_config(folder)
        try:
            config = TaggerConfig(
                model=ModelConfig.parse_trained(values["model"]),
                graphs=parse_config(GraphConfig, values["graphs"], "graphs"),
                decoding=parse_config(DecodeOptions, values["decoding"], "decoding"),
                signatures=read_signatures(values["signatures"]),
                calibration=None
                if values.get("calibration") is None
                else parse_config(Calibration, values["calibration"], "calibration"),
            )
            encoder = AutoConfig.for_model(**values["encoder"])
            transformer = AutoModel.from_config(encoder)  # type: ignore[no-untyped-call]
            tagger = cls._assemble(
                config,
                transformer=transformer,
                pieces=PieceTokenizer.load(folder),
                parser=Parser.load(parser or config.graphs.parser),
                batcher=Batcher(
                    tags=TagSet.load(folder / TAGS),
                    pos=Vocabulary(values["pos"]),
                    dependencies=Vocabulary(values["dependencies"]),
                    predicates=Vocabulary(values["predicates"]),
                    cooccurrence=CooccurrenceTable.load(folder / COOCCURRENCE),
                    symmetric=config.decoding.symmetric,
                    appearance_width=config.graphs.appearance,
                ),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"{folder / CONFIG}: not a jmere model's config ({error!r})") from None
        _fill(tagger.network, folder / WEIGHTS)
        tagger.network.eval()
        return tagger


def _fill(network: nn.Module, path: Path) -> None:
    weights = load_weights(path)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        detail = " ".join(str(error).split()[6:18])
        raise ValueError(f"{path}: weights do not fit the config ({detail})") from None
