"""Models in the controlled world: ``jmere build world``."""

from __future__ import annotations

import json
import logging
import statistics
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, cast

import torch
import typer
from transformers import BertConfig, BertModel
from transformers import BertTokenizerFast as Pieces  # type: ignore[attr-defined]

from jmere.bench.worlds.controlled import World, vocabulary
from jmere.data.jsonl import write_posts
from jmere.errors import nearest
from jmere.evaluation.gold import extract_gold
from jmere.evaluation.scores import score
from jmere.extract import Extractor
from jmere.scenes.control import Visual
from jmere.training.run import train
from jmere.training.run_config import RunConfig

SMALL = {
    "object_width": 32,
    "dropout": 0.1,
    "pairs": {"form": "biaffine", "width": 32, "dropout": 0.1},
}
EEGA = {
    "name": "eega",
    "heads": 4,
    "object_width": 32,
    "edge_width": 32,
    "channel_width": 16,
    "dropout": 0.1,
    "channel_residual": True,
    "pair_form": "biaffine",
    "pair_width": 32,
    "edge_steps": 20,
}
MODELS: dict[str, dict[str, Any]] = {
    "text": {"name": "text", "pairs": SMALL["pairs"]},
    "adapcoatt": {"name": "adapcoatt", **SMALL},
    "ocsga": {"name": "ocsga", **SMALL, "heads": 4, "labels": 10},
    "agban": {"name": "agban", **SMALL, "rank": 64, "adversary_rise": 300},
    "umgf": {"name": "umgf", **SMALL, "width": 32, "layers": 2, "heads": 4, "feed_width": 64},
    "mega": {"name": "mega", **SMALL},
    "maf": {"name": "maf", **SMALL, "heads": 4},
    "eega": EEGA,
    "eega w/o edge types": {**EEGA, "attribute_transformer": False},
    "eega w/o transport": {**EEGA, "edge_enhanced": False},
    "eega, edges alone aligned": {**EEGA, "alpha": 0.0},
    "eega, edges alone, lambda 2": {**EEGA, "alpha": 0.0, "graph_weight": 2.0},
    "eega, nodes alone aligned": {**EEGA, "alpha": 1.0},
    **{f"eega, alpha {alpha:g}": {**EEGA, "alpha": alpha} for alpha in (0.2, 0.6, 0.8)},
    **{
        f"eega, edges alone, {form}": {**EEGA, "alpha": 0.0, "edge_form": form}
        for form in ("product", "letter")
    },
    "eega, product": {**EEGA, "edge_form": "product"},
}
WORLDS = {
    "nodes tell": World(shown_by="nodes"),
    "edges tell": World(shown_by="edges"),
    "both tell": World(),
    "both tell, half of it noise": World(node_noise=0.5, edge_noise=0.5),
    "half of the texts tell": World(share=0.5),
    "two facts, edges tell": World(shown_by="edges", pairs=2, distractors=2),
}
_SHOWN: tuple[Visual, ...] = ("real", "shuffled", "none")


def run(
    models: Annotated[list[str] | None, typer.Option("--model", help="All by default.")] = None,
    worlds: Annotated[list[str] | None, typer.Option("--world", help="All by default.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each model.")] = 1,
    posts: Annotated[int, typer.Option(min=6, help="Posts to train on.")] = 480,
    epochs: Annotated[int, typer.Option(min=1)] = 12,
    learned: Annotated[
        str, typer.Option(help="Graphs to learn with: real, shuffled or none.")
    ] = "real",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per training.")] = False,
) -> None:
    """Train each model in each world and score it with real, shuffled and no graphs."""
    choices: tuple[tuple[str, list[str] | None, Mapping[str, Any]], ...] = (
        ("model", models, MODELS),
        ("world", worlds, WORLDS),
        ("kind of graphs", [learned], dict.fromkeys(_SHOWN)),
    )
    for what, given, known in choices:
        for name in given or ():
            if name not in known:
                raise typer.BadParameter(f"unknown {what} {name!r}; {nearest(name, known)}")
    logging.getLogger("transformers").setLevel(logging.ERROR)
    if not as_json:
        typer.echo("| world | model | real | shuffled | none |\n| --- | --- | --- | --- | --- |")
    for world in worlds or WORLDS:
        for model in models or MODELS:
            found = [
                measure_world(
                    WORLDS[world],
                    MODELS[model],
                    learned=cast("Visual", learned),
                    seed=seed,
                    posts=posts,
                    epochs=epochs,
                )
                for seed in range(seeds)
            ]
            if as_json:
                for seed, f1 in enumerate(found):
                    row: dict[str, Any] = {"world": world, "model": model, "learned": learned}
                    row |= {"seed": seed, "f1": f1, "options": asdict(WORLDS[world])}
                    typer.echo(json.dumps(row))
            else:
                cells = (_cell([f1[visual] for f1 in found]) for visual in _SHOWN)
                typer.echo(f"| {world} | {model} | {' | '.join(cells)} |")


def measure_world(
    world: World,
    model: Mapping[str, Any],
    *,
    learned: Visual = "real",
    seed: int,
    posts: int,
    epochs: int,
) -> dict[Visual, float]:
    """Directed JMERE F1 on fresh posts of a world, of a model trained and chosen on others."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for offset, (name, count) in enumerate((("train", posts), ("dev", posts // 4))):
            write_posts(folder / f"{name}.jsonl", world.posts(count, seed=3 * seed + offset))
        config = {
            "output": str(folder / "run"),
            "encoder": save_tiny_encoder(folder / "encoder", seed=seed),
            "model": model,
            "data": {
                "train": [str(folder / "train.jsonl")],
                "dev": str(folder / "dev.jsonl"),
                "keep_overlap": True,
            },
            "visual": {"shown": learned},
            "loss": {"per_word": True},
            "training": {
                "epochs": epochs,
                "patience": epochs,
                "encoder_learning_rate": 1e-3,
                "learning_rate": 1e-3,
                "seed": seed,
            },
        }
        train(RunConfig.parse(config))
        test = world.posts(posts // 2, seed=3 * seed + 2)
        extractor = Extractor.from_pretrained(folder / "run" / "model")
        return {
            visual: score(test, extract_gold(extractor, test, visual=visual), "directed").jmere.f1
            for visual in _SHOWN
        }


def save_tiny_encoder(folder: Path, *, seed: int) -> str:
    """Create a transformer of two layers with random weights, for the datasets' words."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *vocabulary()]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
        max_position_embeddings=64,
    )
    torch.manual_seed(seed)
    BertModel(config).save_pretrained(folder)
    Pieces(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return str(folder)


def _cell(values: list[float]) -> str:
    """Mean in percent, and half the range where there are several values."""
    mean = f"{100 * statistics.mean(values):.1f}"
    return mean if len(values) == 1 else f"{mean} ± {50 * (max(values) - min(values)):.1f}"
