"""Model folders: taggers made, saved and loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jmere.config import parse_config
from jmere.errors import one_line, short_repr
from jmere.files.folders import folder_replaced
from jmere.files.whole import write_json
from jmere.grid.calibration import Calibration
from jmere.grid.decode import DecodeOptions, Decoder
from jmere.grid.signatures import read_signatures
from jmere.inputs.batcher import Batcher
from jmere.inputs.context import ContextWriter
from jmere.inputs.graph_config import GraphConfig
from jmere.inputs.prepare import Preparer
from jmere.scenes.visual_config import VisualConfig
from jmere.tagger.engines import begin_scorer
from jmere.tagger.folder import (
    CONFIG,
    COOCCURRENCE,
    FORMAT,
    TAGS,
    WEIGHTS,
    Precision,
    find_folder,
    read_config,
)
from jmere.tagger.names.name_files import read_name_config
from jmere.tagger.scorer import Backend, Scorer
from jmere.tagger.tagger import Tagger, TaggerConfig
from jmere.tagger.visible.visibility import Visibility
from jmere.tags import TagSet, Vocabulary
from jmere.text.cooccurrence import CooccurrenceTable
from jmere.text.dependency import dependency_vocabulary
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
    from jmere.tagger.encoder_folder import load_encoder
    from jmere.tagger.torch_scorer import TorchScorer, build_network

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
        context=config.graphs.context != "none",
    )
    scorer = TorchScorer(build_network(config.model, transformer, batcher), config.model)
    return _assemble(scorer, config.graphs, pieces, parser, batcher, decoder)


def _assemble(
    scorer: Scorer,
    graphs: GraphConfig,
    pieces: PieceTokenizer,
    parser: Parser,
    batcher: Batcher,
    decoder: Decoder,
) -> Tagger:
    pieces.check_fits(scorer.vocabulary)
    longest = min(scorer.longest, pieces.max_length)
    if longest < MIN_PIECES:
        raise ValueError(f"the encoder takes {longest} pieces; expected {MIN_PIECES} at least")
    scenes = VisualConfig().sources(parser, objects=graphs.objects)
    context = ContextWriter.of(graphs.context, pieces, graphs.context_pieces)
    preparer = Preparer(parser, pieces, scenes, longest, context)
    return Tagger(scorer=scorer, graphs=graphs, preparer=preparer, batcher=batcher, decoder=decoder)


def save_tagger(tagger: Tagger, folder: str | Path, *, precision: Precision = "float32") -> None:
    """Write the model folder, whole or not at all; a model that is there is replaced.

    Raises:
        ValueError: If ``folder`` is a link, a file, or holds what this program has not written.
    """
    from jmere.tagger.weights import save_weights

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
        "graphs": asdict(tagger.graphs),
        "decoding": asdict(tagger.decoder.options),
        "signatures": tagger.decoder.signatures,
        "calibration": tagger.decoder.calibration and asdict(tagger.decoder.calibration),
        "pos": tagger.batch.pos.names,
        "dependencies": tagger.batch.dependencies.names,
        "predicates": tagger.batch.predicates.names,
        "encoder": encoder.transformer.config.to_diff_dict(),
    }
    write_json(folder / CONFIG, value)


def load_tagger(
    name: str | Path,
    *,
    parser: str | None = None,
    backend: Backend = "torch",
    device: str = "cpu",
) -> Tagger:
    """Read a model folder or a hub id; ``default`` is the bundled model.

    Args:
        name: Folder, hub id or ``default``.
        parser: A spaCy model in place of the one the model was trained with.
        backend: The engine that runs the model.
        device: Device of the torch engine: ``cpu``, ``cuda``, or ``auto``.

    Raises:
        FileNotFoundError: If there is no such folder, or a file of it is missing.
        MissingExtraError: If the engine is not installed.
        ValueError: If the folder holds no model of ours, or a damaged one, or there is no such
            engine or device.
    """
    folder = find_folder(name)
    path = folder / CONFIG
    values = read_config(folder)
    tags = TagSet.load(folder / TAGS)
    try:
        graphs, decoder = _read(values, tags)
        names = {key: _names(values, key) for key in ("pos", "dependencies", "predicates")}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not a jmere model's config ({one_line(error)})") from None
    batcher = Batcher(
        tags=tags,
        **names,
        cooccurrence=CooccurrenceTable.load(folder / COOCCURRENCE),
        symmetric=decoder.options.symmetric,
        appearance_width=graphs.appearance,
        context=graphs.context != "none",
    )
    names_config = read_name_config(folder, tags.entity_types)
    scorer = begin_scorer(folder, values, batcher, backend=backend, device=device)
    pieces = PieceTokenizer.load(folder)
    reader = Parser.load(parser or graphs.parser)
    visibility = Visibility.find(folder, pieces, backend=backend)
    loaded = scorer()
    try:
        tagger = _assemble(loaded, graphs, pieces, reader, batcher, decoder)
    except ValueError as error:
        raise ValueError(f"{folder}: {error}") from None
    if visibility is not None:
        visibility.pool = loaded.pool
    tagger.visibility, tagger.names = visibility, names_config
    return tagger


def _read(values: Mapping[str, Any], tags: TagSet) -> tuple[GraphConfig, Decoder]:
    """The graphs' config and the decoder of a model folder with this tag set."""
    signatures = read_signatures(values["signatures"])
    for relation, head, tail in signatures or ():
        unknown = {relation} - {*tags.relations} or {head, tail} - {*tags.entity_types}
        if unknown:
            raise ValueError(f"signatures: {short_repr(unknown.pop())} is not in {TAGS}")
    graphs = parse_config(GraphConfig, values["graphs"], "graphs")
    calibration = None
    if values.get("calibration") is not None:
        calibration = parse_config(Calibration, values["calibration"], "calibration")
    options = parse_config(DecodeOptions, values["decoding"], "decoding")
    return graphs, Decoder(tags, options, signatures, calibration)


def _names(values: Mapping[str, Any], key: str) -> Vocabulary:
    """The names of a vocabulary, few enough that a byte can number them."""
    names = values[key]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{key}: expected a list of names, got {short_repr(names)}")
    if len(names) > MOST_NAMES:
        raise ValueError(f"{key}: {len(names)} names; expected at most {MOST_NAMES}")
    return Vocabulary(names)
