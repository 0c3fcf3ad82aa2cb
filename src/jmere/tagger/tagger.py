"""A model with all it needs to read posts, and the folder it lives in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoModel

from jmere.config import parse_config
from jmere.errors import one_line, short_repr
from jmere.files.folders import folder_replaced
from jmere.files.whole import write_json
from jmere.grid.calibration import Calibration
from jmere.grid.decode import Decoded, DecodeOptions, decode
from jmere.grid.signatures import Signature, admitted_types, read_signatures
from jmere.inputs.batch import PostBatch
from jmere.inputs.batcher import Batcher
from jmere.inputs.prepare import Preparer
from jmere.layers.encoder import WordEncoder
from jmere.layers.shapes import load_encoder
from jmere.models.registry import ModelConfig
from jmere.models.sizes import Sizes
from jmere.models.tagging import SoftAlignment, Tagging
from jmere.pretrained.encoders import encoder_config
from jmere.records import SceneGraph
from jmere.scenes.sources import PixelReader, SceneSources
from jmere.tagger.folder import (
    CONFIG,
    COOCCURRENCE,
    FORMAT,
    TAGS,
    WEIGHTS,
    find_folder,
    read_config,
)
from jmere.tagger.tensors import build_fitting, read_header
from jmere.tagger.weights import Precision, load_weights, save_weights
from jmere.tags import TagSet, Vocabulary
from jmere.text.cooccurrence import CooccurrenceTable
from jmere.text.dependency import HOP_BINS, dependency_vocabulary
from jmere.text.parser import BUNDLED_NAME, Parser
from jmere.text.pieces import MIN_PIECES, PieceTokenizer

MOST_NAMES = 254
"""Names that a vocabulary of a model may have, beside "absent" and "other"."""


@dataclass(frozen=True, kw_only=True)
class GraphConfig:
    """How a post's two graphs are made."""

    parser: str | None = None
    """A spaCy model's name or folder; the bundled parser where absent or ``bundled``."""
    objects: int = 10
    """Most objects of a picture, the surest ones (k)."""
    appearance: int = 0
    """Width of the objects' appearance vectors; 0 where the model takes none."""

    def __post_init__(self) -> None:
        if self.objects < 0 or self.appearance < 0:
            raise ValueError("graphs.objects and graphs.appearance must not be negative")
        if self.parser == BUNDLED_NAME:
            object.__setattr__(self, "parser", None)


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
        transformer = load_encoder(encoder)
        pieces = PieceTokenizer.load(encoder)
        batcher = Batcher(
            tags=tags,
            pos=Vocabulary(parser.pos_names),
            dependencies=dependency_vocabulary(parser.dependency_names),
            predicates=predicates,
            cooccurrence=cooccurrence,
            symmetric=config.decoding.symmetric,
            appearance_width=config.graphs.appearance,
        )
        network = _build(config, transformer, batcher)
        return cls._assemble(config, network=network, pieces=pieces, parser=parser, batcher=batcher)

    @classmethod
    def _assemble(
        cls,
        config: TaggerConfig,
        *,
        network: nn.Module,
        pieces: PieceTokenizer,
        parser: Parser,
        batcher: Batcher,
    ) -> Tagger:
        encoder: Any = network.encoder
        table = encoder.transformer.get_input_embeddings().weight
        pieces.check_fits(len(table))
        longest = min(encoder.longest, pieces.max_length)
        if longest < MIN_PIECES:
            raise ValueError(f"the encoder takes {longest} pieces; expected {MIN_PIECES} at least")
        scenes = SceneSources(parser, objects=config.graphs.objects)
        preparer = Preparer(parser, pieces, scenes, longest)
        return cls(config=config, network=network, preparer=preparer, batcher=batcher)

    def save_pretrained(self, folder: str | Path, *, precision: Precision = "float32") -> None:
        """Write the model folder, whole or not at all; a model that is there is replaced.

        Raises:
            ValueError: If ``folder`` is a link, a file, or holds what this program has not written.
        """
        with folder_replaced(folder) as part:
            self.save_config(part)
            write_json(part / TAGS, self.tags.to_json())
            self.prepare.pieces.save(part)
            self.batch.cooccurrence.save(part / COOCCURRENCE)
            save_weights(self.network.state_dict(), part / WEIGHTS, precision)

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
        path = folder / CONFIG
        values = read_config(folder)
        tags = TagSet.load(folder / TAGS)
        try:
            config = _read(values, tags)
            encoder = encoder_config(values.get("encoder"), where="encoder")
            names = {key: _names(values, key) for key in ("pos", "dependencies", "predicates")}
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}: not a jmere model's config ({one_line(error)})") from None
        batcher = Batcher(
            tags=tags,
            **names,
            cooccurrence=CooccurrenceTable.load(folder / COOCCURRENCE),
            symmetric=config.decoding.symmetric,
            appearance_width=config.graphs.appearance,
        )
        pieces = PieceTokenizer.load(folder)

        def build() -> nn.Module:
            transformer = AutoModel.from_config(encoder, trust_remote_code=False)  # type: ignore[no-untyped-call]
            return _build(config, transformer, batcher)

        network = build_fitting(build, read_header(folder / WEIGHTS), where=path)
        network.load_state_dict(load_weights(folder / WEIGHTS))
        network.eval()
        reader = Parser.load(parser or config.graphs.parser)
        try:
            return cls._assemble(
                config, network=network, pieces=pieces, parser=reader, batcher=batcher
            )
        except ValueError as error:
            raise ValueError(f"{folder}: {error}") from None


def _build(config: TaggerConfig, transformer: nn.Module, batcher: Batcher) -> nn.Module:
    """The network of a config over a text encoder."""
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
    return config.model.build(WordEncoder(transformer), sizes)


def _read(values: Mapping[str, Any], tags: TagSet) -> TaggerConfig:
    """The config of a model folder with this tag set."""
    signatures = read_signatures(values["signatures"])
    for relation, head, tail in signatures or ():
        unknown = {relation} - {*tags.relations} or {head, tail} - {*tags.entity_types}
        if unknown:
            raise ValueError(f"signatures: {short_repr(unknown.pop())} is not in {TAGS}")
    return TaggerConfig(
        model=ModelConfig.parse_trained(values["model"]),
        graphs=parse_config(GraphConfig, values["graphs"], "graphs"),
        decoding=parse_config(DecodeOptions, values["decoding"], "decoding"),
        signatures=signatures,
        calibration=None
        if values.get("calibration") is None
        else parse_config(Calibration, values["calibration"], "calibration"),
    )


def _names(values: Mapping[str, Any], key: str) -> Vocabulary:
    """The names of a vocabulary, few enough that a byte can number them."""
    names = values[key]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{key}: expected a list of names, got {short_repr(names)}")
    if len(names) > MOST_NAMES:
        raise ValueError(f"{key}: {len(names)} names; expected at most {MOST_NAMES}")
    return Vocabulary(names)
