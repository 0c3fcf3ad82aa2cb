"""Gives a model heads that say which entities the picture shows.

jmere build visible TRAIN.jsonl OUT --captions FILE
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer

from jmere.config import override, parse_config
from jmere.data.descriptions import CaptionFile, read_descriptions
from jmere.data.readers.conll import read_conll
from jmere.data.readers.gmner import read_gmner
from jmere.data.transforms import with_captions
from jmere.files.folders import check_replaceable, folder_replaced
from jmere.files.inputs import check_inputs
from jmere.files.outputs import keep_apart
from jmere.files.whole import write_json
from jmere.layers.encoder import longest_text
from jmere.layers.visible import VisibleHeads, VisibleNetwork
from jmere.records import Post
from jmere.tagger.folder import WEIGHTS, copy_model, find_folder, read_config
from jmere.tagger.stored_header import read_stored_header
from jmere.tagger.visible.head_files import (
    VISIBLE_CONFIG,
    VISIBLE_GRAPH,
    VISIBLE_WEIGHTS,
    HeadConfig,
)
from jmere.tagger.visible.torch_visible import load_own_encoder, new_heads
from jmere.tagger.weights import save_weights
from jmere.text.parser import Parser
from jmere.text.pieces import PieceTokenizer
from jmere.training.visible.cross_fit import CrossFit, cross_fit
from jmere.training.visible.fit_visible import fit_heads
from jmere.training.visible.marked_posts import altered_posts, prepare_marked, with_states
from jmere.training.visible.rounded_inputs import rounded_inputs
from jmere.training.visible.visible_options import CaptionsOption, VisibleTraining


def build_visible(
    train: Annotated[Path, typer.Argument(help="Posts in GMNER's form, as JSON Lines.")],
    output: Annotated[Path, typer.Argument(help="New model folder: the model with heads.")],
    captions: CaptionsOption,
    model: Annotated[str, typer.Option(help="Model folder, hub id or 'default'.")] = "default",
    without: Annotated[
        list[Path] | None,
        typer.Option(help="MNER file whose posts' pictures are left out of training."),
    ] = None,
    described: Annotated[
        bool, typer.Option(help="Show captions; otherwise train on the text alone.")
    ] = True,
    int8: Annotated[bool, typer.Option("--int8", help="Store matrices as integers.")] = False,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Change a value of the training: key=value.")
    ] = None,
) -> None:
    """Train heads that say which entities the picture shows, over the frozen encoder of a model.

    OUTPUT is a copy of the model, whose other files are not changed, with the heads. Threshold
    and calibration are cross-fitted on the training posts.
    """
    files = [CaptionFile.parse(each) for each in captions]
    inputs = [train, *(each.path for each in files), *(without or ())]
    check_inputs(*inputs)
    keep_apart({"OUTPUT": output}, inputs)
    check_replaceable(output)
    options = parse_config(VisibleTraining, override({}, settings or []), "visible")
    folder = find_folder(model)
    read_config(folder)
    known = read_descriptions(files) if described else {}
    left_out = {post.image for path in without or () for post in read_conll(path)}
    posts = [post for post in with_captions(read_gmner(train), known) if post.image not in left_out]
    torch.manual_seed(options.seed)
    heads, config, fitted = train_heads(folder, posts, options)
    with folder_replaced(output) as part:
        write_model(folder, part, heads, config, int8=int8)
    typer.echo(
        json.dumps(
            {
                "posts": len(posts),
                "entities": sum(len(post.entities) for post in posts),
                "left_out": len(left_out),
                "threshold": fitted.threshold,
                "f1_cross_fitted": round(fitted.f1, 4),
            }
        )
    )


def train_heads(
    folder: Path, posts: list[Post], options: VisibleTraining
) -> tuple[VisibleHeads, HeadConfig, CrossFit]:
    """Train heads over the encoder of a model folder.

    Raises:
        ValueError: If no post has an entity, or the encoder has too few layers.
    """
    posts = [post for post in posts if post.entities]
    if len(posts) < options.folds:
        raise ValueError(f"{len(posts)} posts with entities; expected {options.folds} at least")
    tokenizer, transformer = PieceTokenizer.load(folder), load_own_encoder(folder)
    longest = min(longest_text(transformer), tokenizer.max_length)
    types = tuple(sorted({entity.type for post in posts for entity in post.entities}))
    config = HeadConfig(
        types=types,
        width=options.width,
        parts=options.parts,
        layers=options.layers,
        longest=longest,
    )
    heads = new_heads(transformer, config, dropout=options.dropout)
    network = VisibleNetwork(transformer, heads).eval()
    reading = rounded_inputs(network) if _is_rounded(folder) else nullcontext()
    share = slice(0, round(options.altered * len(posts)))
    less = altered_posts(posts[share], Parser.load()) if options.altered else []
    with reading:
        ready, altered = (
            with_states(network, prepare_marked(some, tokenizer, longest=longest))
            for some in (posts, less)
        )

    def make() -> VisibleHeads:
        return new_heads(transformer, config, dropout=options.dropout)

    fitted = cross_fit(make, ready, altered, types, options)
    fit_heads(heads, [*ready, *altered], types, options)
    config = replace(config, threshold=fitted.threshold, calibration=fitted.calibration)
    return heads, config, fitted


def _is_rounded(folder: Path) -> bool:
    """Return whether the graph of a model computes in integers: it rounds the layers' inputs."""
    from jmere.export.model_graph import export_requirements

    return "I8" in read_stored_header(folder / WEIGHTS).types.values() and export_requirements()


def write_model(
    model: Path, folder: Path, heads: VisibleHeads, config: HeadConfig, *, int8: bool
) -> None:
    """Copy a model into a folder, and write heads and their graph beside it."""
    copy_model(model, folder, without=(VISIBLE_CONFIG, VISIBLE_WEIGHTS, VISIBLE_GRAPH))
    weights = {f"visible.{name}": tensor for name, tensor in heads.state_dict().items()}
    save_weights(weights, folder / VISIBLE_WEIGHTS, "int8" if int8 else "float32")
    write_json(folder / VISIBLE_CONFIG, config.to_json())
    write_head_graph(folder)


def write_head_graph(folder: Path) -> None:
    """Write the graph of heads, where the libraries that it needs are here."""
    from jmere.export.model_graph import export_requirements

    if not (folder / VISIBLE_CONFIG).is_file() or not export_requirements():
        return
    from jmere.export.visible_graph import write_visible_graph

    write_visible_graph(folder)
