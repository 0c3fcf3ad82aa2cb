"""Gives a model a head that labels all names of a post, in a quintuple or not.

jmere build names OUT --train TRAIN.jsonl
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from jmere.config import override, parse_config
from jmere.data.jsonl import read_posts
from jmere.evaluation.scores import Measure
from jmere.files.folders import check_replaceable, folder_replaced
from jmere.files.inputs import check_inputs
from jmere.files.outputs import keep_apart
from jmere.files.whole import write_json
from jmere.layers.encoder import WordEncoder
from jmere.layers.name_head import NameHead
from jmere.records import Post
from jmere.tagger.folder import GRAPH, WEIGHTS, copy_model, find_folder
from jmere.tagger.names.name_files import NAMES_CONFIG, NAMES_WEIGHTS, NameConfig
from jmere.tagger.names.torch_names import head_weights, new_head
from jmere.tagger.stored_header import read_stored_header
from jmere.tagger.tagger import Tagger
from jmere.tagger.weights import save_weights
from jmere.training.names.fit_names import fit_head
from jmere.training.names.name_options import NameTraining
from jmere.training.names.read_words import read_words
from jmere.training.names.score_names import score_names
from jmere.training.visible.rounded_inputs import rounded_inputs


def build_names(
    output: Annotated[Path, typer.Argument(help="New model folder: the model with the head.")],
    train: Annotated[
        list[Path],
        typer.Option("--train", help="Posts (.jsonl) all of whose names are entities."),
    ],
    model: Annotated[str, typer.Option(help="Model folder, hub id or 'default'.")] = "default",
    test: Annotated[
        list[Path] | None, typer.Option("--test", help="Posts whose names are scored at the end.")
    ] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Store matrices as integers.")] = False,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Change a value of the training: key=value.")
    ] = None,
) -> None:
    """Train a head that labels all names of a post, over the frozen encoder of a model.

    OUTPUT is a copy of the model with the head, and with a new graph where the model has one.
    Nothing else is changed. The scores of --test are printed as JSON, in percent.
    """
    files = [*train, *(test or ())]
    check_inputs(*files)
    keep_apart({"OUTPUT": output}, files)
    check_replaceable(output)
    options = parse_config(NameTraining, override({}, settings or []), "names")
    posts = [post for path in train for post in read_posts(path)]
    tests = {path: list(read_posts(path)) for path in test or ()}
    folder = find_folder(model)
    head, config = train_head(folder, posts, options)
    with folder_replaced(output) as part:
        write_named_model(folder, part, head, config, int8=int8)
    tagger = Tagger.from_pretrained(output, backend="auto")
    scores = {str(path): _percent(score_names(tagger, own)) for path, own in tests.items()}
    typer.echo(json.dumps({"posts": len(posts), "test": scores}))


def train_head(
    folder: Path, posts: Sequence[Post], options: NameTraining
) -> tuple[NameHead, NameConfig]:
    """Train a head over the encoder of a model folder.

    Raises:
        ValueError: If no post has an entity of a type of the model, or the encoder has too few
            layers.
    """
    torch.manual_seed(options.seed)
    tagger = Tagger.from_pretrained(folder, backend="torch")
    known = {entity.type for post in posts for entity in post.entities}
    types = tuple(each for each in tagger.tags.entity_types if each in known)
    if not types:
        raise ValueError("the posts have no entity of a type of the model")
    config = NameConfig(types=types, width=options.width, layers=options.layers)
    network: Any = tagger.network
    encoder: WordEncoder = network.encoder
    head = new_head(encoder, config, dropout=options.dropout)
    with rounded_inputs(encoder) if _is_rounded(folder) else nullcontext():
        read = read_words(tagger, posts, config.layers, types)
    fit_head(head, [post for post in read if len(post)], options)
    return head, config


def write_named_model(
    model: Path, folder: Path, head: NameHead, config: NameConfig, *, int8: bool = False
) -> None:
    """Copy a model into a folder, write a head beside it, and the graph of both."""
    from jmere.export.model_graph import write_graph_file

    copy_model(model, folder, without=(NAMES_CONFIG, NAMES_WEIGHTS, GRAPH))
    save_weights(head_weights(head), folder / NAMES_WEIGHTS, "int8" if int8 else "float32")
    write_json(folder / NAMES_CONFIG, config.to_json())
    if (model / GRAPH).is_file():
        written = Tagger.from_pretrained(folder, backend="torch")
        write_graph_file(written, folder, int8=_is_rounded(model))


def _is_rounded(folder: Path) -> bool:
    """Return whether the graph of a model computes in integers: it rounds the layers' inputs."""
    integers = "I8" in read_stored_header(folder / WEIGHTS).types.values()
    return integers and (folder / GRAPH).is_file()


def _percent(found: Measure) -> dict[str, float]:
    values = {"precision": found.precision, "recall": found.recall, "f1": found.f1}
    return {name: round(100 * value, 2) for name, value in values.items()}
