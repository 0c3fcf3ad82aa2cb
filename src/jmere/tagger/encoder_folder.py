"""Pretrained transformers in folders, with the word shapes that they have learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers.utils.hub import cached_file

from jmere.errors import one_line
from jmere.files.outputs import apply_umask
from jmere.layers.word_shapes import SHAPE_EMBEDDINGS, add_shapes, shape_table
from jmere.pretrained.encoders import load_transformer

SHAPE_WEIGHTS = "shapes.safetensors"
"""File of an encoder's folder with the embedding of the shapes, where it has its own."""


def load_encoder(name: str | Path) -> Any:
    """Read a pretrained transformer from a folder or hub id, with its shapes if it has any.

    Raises:
        ValueError: If its config has shapes and their weights are missing, damaged or do not fit.
    """
    transformer = load_transformer(name)
    add_shapes(transformer)
    table = shape_table(transformer)
    if table is not None:
        path = cached_file(str(name), SHAPE_WEIGHTS, _raise_exceptions_for_missing_entries=False)
        if path is None:
            raise ValueError(f"{name}: no {SHAPE_WEIGHTS}, but its config has word_shapes")
        try:
            table.load_state_dict(load_file(path))
        except SafetensorError as error:
            raise ValueError(f"{path}: damaged or not a safetensors file ({error})") from None
        except RuntimeError as error:
            raise ValueError(f"{path}: does not fit the encoder ({one_line(error)})") from None
    return transformer


def save_encoder(transformer: Any, folder: Path) -> None:
    """Write a transformer as a folder that ``load_encoder`` reads."""
    table = shape_table(transformer)
    weights = transformer.state_dict()
    if table is not None:
        weights = {
            name: value for name, value in weights.items() if f"{SHAPE_EMBEDDINGS}." not in name
        }
    transformer.save_pretrained(folder, state_dict=weights)
    if table is not None:
        save_file(table.state_dict(), folder / SHAPE_WEIGHTS)
        apply_umask(folder / SHAPE_WEIGHTS)
