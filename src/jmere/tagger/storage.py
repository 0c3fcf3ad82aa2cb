"""Model folders: taggers made, saved and loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn
from transformers import AutoModel

from jmere.config import parse_config
from jmere.errors import one_line, short_repr
from jmere.files.folders import folder_replaced
from jmere.files.whole import write_json
from jmere.grid.calibration import Calibration
from jmere.grid.decode import DecodeOptions, Decoder
from jmere.grid.signatures import read_signatures
from jmere.inputs.batcher import Batcher
from jmere.inputs.graph_config import GraphConfig
from jmere.inputs.prepare import Preparer
from jmere.layers.encoder import WordEncoder
from jmere.models.registry import ModelConfig
from jmere.models.sizes import Sizes
from jmere.pretrained.encoders import encoder_config
from jmere.scenes.visual_config import VisualConfig
from jmere.tagger.encoder_folder import load_encoder
from jmere.tagger.folder import (
    CONFIG,
    COOCCURRENCE,
    FORMAT,
    TAGS,
    WEIGHTS,
    find_folder,
    read_config,
)
from jmere.tagger.tagger import Tagger, TaggerConfig
from jmere.tagger.tensors import build_fitting, read_header
from jmere.tagger.weights import Precision, load_weights, save_weights
from jmere.tags import TagSet, Vocabulary
from jmere.text.cooccurrence import CooccurrenceTable
from jmere.text.dependency import HOP_BINS, dependency_vocabulary
from jmere.text.parser import Parser
from jmere.text.pieces import MIN_PIECES, PieceTokenizer

MOST_NAMES = 254
"""Names that a vocabulary of a model may have, beside "absent" and "other"."""


def create_tagger(
    config: TaggerConfig,
    *,
    decoding: DecodeOptions | None = None,
    encoder: str | Path,
    parser: Parser,
    tags: TagSet,
    cooccurrence: CooccurrenceTable,
    predicates: Vocabulary,
) -> Tagger:
    """Make a tagger to train: a pretrained encoder, every other layer random."""
    decoder = Decoder(tags, decoding or DecodeOptions())
    transformer = load_encoder(encoder)
    pieces = PieceTokenizer.load(encoder)
    batcher = Batcher(
        tags=tags,
        pos=Vocabulary(parser.pos_names),
        dependencies=dependency_vocabulary(parser.dependency_names),
        predicates=predicates,
        cooccurrence=cooccurrence,
        symmetric=decoder.options.symmetric,
        appearance_width=config.graphs.appearance,
    )
    network = _build(config, transformer, batcher)
    return _assemble(
        config, network=network, pieces=pieces, parser=parser, batcher=batcher, decoder=decoder
    )


def _assemble(
    config: TaggerConfig,
    *,
    network: nn.Module,
    pieces: PieceTokenizer,
    parser: Parser,
    batcher: Batcher,
    decoder: Decoder,
) -> Tagger:
    encoder: Any = network.encoder
    table = encoder.transformer.get_input_embeddings().weight
    pieces.check_fits(len(table))
    longest = min(encoder.longest, pieces.max_length)
    if longest < MIN_PIECES:
        raise ValueError(f"the encoder takes {longest} pieces; expected {MIN_PIECES} at least")
    scenes = VisualConfig().sources(parser, objects=config.graphs.objects)
    preparer = Preparer(parser, pieces, scenes, longest)
    return Tagger(
        config=config, network=network, preparer=preparer, batcher=batcher, decoder=decoder
    )


def save_tagger(tagger: Tagger, folder: str | Path, *, precision: Precision = "float32") -> None:
    """Write the model folder, whole or not at all; a model that is there is replaced.

    Raises:
        ValueError: If ``folder`` is a link, a file, or holds what this program has not written.
    """
    with folder_replaced(folder) as part:
        save_config(tagger, part)
        write_json(part / TAGS, tagger.tags.to_json())
        tagger.prepare.pieces.save(part)
        tagger.batch.cooccurrence.save(part / COOCCURRENCE)
        save_weights(tagger.network.state_dict(), part / WEIGHTS, precision)


def save_config(tagger: Tagger, folder: Path) -> None:
    """Write the config of a model folder, and nothing else of it."""
    encoder: Any = tagger.network.encoder
    value = {
        "schema_version": FORMAT,
        "format": FORMAT,  # its name until 0.2
        "model": tagger.config.model.to_json(),
        "graphs": asdict(tagger.config.graphs),
        "decoding": asdict(tagger.decoder.options),
        "signatures": tagger.decoder.signatures,
        "calibration": tagger.decoder.calibration and asdict(tagger.decoder.calibration),
        "pos": tagger.batch.pos.names,
        "dependencies": tagger.batch.dependencies.names,
        "predicates": tagger.batch.predicates.names,
        "encoder": encoder.transformer.config.to_diff_dict(),
    }
    write_json(folder / CONFIG, value)


def load_tagger(name: str | Path, *, parser: str | None = None) -> Tagger:
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
        config, decoder = _read(values, tags)
        encoder = encoder_config(values.get("encoder"), where="encoder")
        names = {key: _names(values, key) for key in ("pos", "dependencies", "predicates")}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not a jmere model's config ({one_line(error)})") from None
    batcher = Batcher(
        tags=tags,
        **names,
        cooccurrence=CooccurrenceTable.load(folder / COOCCURRENCE),
        symmetric=decoder.options.symmetric,
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
        return _assemble(
            config,
            network=network,
            pieces=pieces,
            parser=reader,
            batcher=batcher,
            decoder=decoder,
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


def _read(values: Mapping[str, Any], tags: TagSet) -> tuple[TaggerConfig, Decoder]:
    """The config and the decoder of a model folder with this tag set."""
    signatures = read_signatures(values["signatures"])
    for relation, head, tail in signatures or ():
        unknown = {relation} - {*tags.relations} or {head, tail} - {*tags.entity_types}
        if unknown:
            raise ValueError(f"signatures: {short_repr(unknown.pop())} is not in {TAGS}")
    config = TaggerConfig(
        model=ModelConfig.parse_trained(values["model"]),
        graphs=parse_config(GraphConfig, values["graphs"], "graphs"),
    )
    calibration = None
    if values.get("calibration") is not None:
        calibration = parse_config(Calibration, values["calibration"], "calibration")
    options = parse_config(DecodeOptions, values["decoding"], "decoding")
    return config, Decoder(tags, options, signatures, calibration)


def _names(values: Mapping[str, Any], key: str) -> Vocabulary:
    """The names of a vocabulary, few enough that a byte can number them."""
    names = values[key]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{key}: expected a list of names, got {short_repr(names)}")
    if len(names) > MOST_NAMES:
        raise ValueError(f"{key}: {len(names)} names; expected at most {MOST_NAMES}")
    return Vocabulary(names)
