"""A model with all it needs to read posts, and the folder it lives in."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel

from jmere.batch import Batcher, PostBatch
from jmere.configs import parse_config
from jmere.grid.decode import Decoded, DecodeOptions, decode
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
from jmere.vision.sources import SceneSources
from jmere.vocabulary import Vocabulary

FORMAT = 1
"""Version of the model folder's form."""

CONFIG, WEIGHTS, TAGS = "config.json", "model.safetensors", "tags.json"
COOCCURRENCE = "cooccurrence.safetensors"


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

    def use_scenes(self, scenes: Mapping[str, SceneGraph]) -> None:
        """Give posts the visual graphs of these images, by file name, where they have none."""
        sources = SceneSources(
            self.prepare.parser, files=scenes, objects=self.config.graphs.objects
        )
        self.prepare = replace(self.prepare, scenes=sources)

    @torch.inference_mode()
    def tag(self, batch: PostBatch) -> tuple[list[Decoded], SoftAlignment | None]:
        """Mentions and links of each post of a batch, in words, and its alignment."""
        self.network.eval()
        tagging: Tagging = self.network(batch.to(self.device))
        lengths = batch.word_mask.sum(dim=1).numpy()
        scores = tagging.scores.float().cpu().numpy()
        return decode(scores, lengths, self.tags, self.config.decoding), tagging.alignment

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
            pos=len(batcher.pos),
            dependencies=len(batcher.dependencies),
            predicates=len(batcher.predicates),
            hops=HOP_BINS,
            cooccurrence=batcher.cooccurrence.bin_count,
            appearance=batcher.appearance_width,
        )
        network = config.model.build(encoder, sizes)
        scenes = SceneSources(parser, objects=config.graphs.objects)
        preparer = Preparer(parser, pieces, scenes, encoder.longest)
        return cls(config=config, network=network, preparer=preparer, batcher=batcher)

    def save_pretrained(self, folder: str | Path, *, precision: Precision = "float32") -> None:
        """Write the model folder, whole or not at all; one that is there is replaced."""
        folder = Path(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            encoder: Any = self.network.encoder
            self._write_json(
                part / CONFIG,
                {
                    "format": FORMAT,
                    "model": self.config.model.to_json(),
                    "graphs": asdict(self.config.graphs),
                    "decoding": asdict(self.config.decoding),
                    "pos": self.batch.pos.names,
                    "dependencies": self.batch.dependencies.names,
                    "predicates": self.batch.predicates.names,
                    "encoder": encoder.transformer.config.to_diff_dict(),
                },
            )
            self._write_json(part / TAGS, self.tags.to_json())
            self.prepare.pieces.save(part)
            self.batch.cooccurrence.save(part / COOCCURRENCE)
            save_weights(self.network.state_dict(), part / WEIGHTS, precision)
            part.chmod(0o755)
            _replace(part, folder)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise

    @staticmethod
    def _write_json(path: Path, value: Mapping[str, Any]) -> None:
        text = json.dumps(value, indent=2, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")

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
        values = _read_config(folder)
        try:
            config = TaggerConfig(
                model=ModelConfig.parse(values["model"]),
                graphs=parse_config(GraphConfig, values["graphs"], "graphs"),
                decoding=parse_config(DecodeOptions, values["decoding"], "decoding"),
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


def find_folder(name: str | Path) -> Path:
    """The folder of a model: the bundled one, one on disk, or one fetched from the hub.

    Raises:
        FileNotFoundError: If there is none of that name.
    """
    if str(name) == "default":
        return Path(__file__).parent / "bundled" / "model"
    folder = Path(name)
    if folder.is_dir():
        return folder
    if isinstance(name, Path) or str(name).count("/") != 1 or str(name).startswith((".", "/", "~")):
        raise FileNotFoundError(f"{name}: no such model folder; expected a folder, id or 'default'")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(str(name), allow_patterns=["*.json", "*.safetensors", "*.txt"])
        )
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise FileNotFoundError(
            f"{name}: no such folder, nor to be had as a hub id ({reason})"
        ) from None


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    for name in (CONFIG, WEIGHTS, TAGS, COOCCURRENCE):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder}: no {name}; expected a model folder made by jmere")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: damaged, not JSON ({error})") from None
    if not isinstance(values, dict) or "format" not in values:
        raise ValueError(f"{path}: not a jmere model's config; expected a key 'format'")
    if values["format"] != FORMAT:
        raise ValueError(
            f"{path}: written in form {values['format']!r}, but this version reads form {FORMAT}"
        )
    return values


def _fill(network: nn.Module, path: Path) -> None:
    weights = load_weights(path)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        detail = " ".join(str(error).split()[6:18])
        raise ValueError(f"{path}: weights do not fit the config ({detail})") from None


def _replace(part: Path, folder: Path) -> None:
    """Put ``part`` where ``folder`` is, which is kept until the new one is in place."""
    if not folder.exists():
        part.rename(folder)
        return
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old)
