"""What a run file leaves open where it begins with a trained model: the choices of that model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from jmere.config import merge_values, parse_config
from jmere.errors import one_line, short_repr
from jmere.inputs.graph_config import GraphConfig
from jmere.tagger.folder import CONFIG, find_folder, read_config

ReadModel = Callable[[object], dict[str, Any]]
"""Reads the ``model`` part of a trained model's config, and writes every choice out."""


def with_begun(values: Mapping[str, Any], read_model: ReadModel) -> dict[str, Any]:
    """Fill in model, graphs, objects and encoder of the model that ``begin`` names.

    What the run file says stays, so a file that states all of them is read as it is. A model that
    is not there yet, as that of another run of a comparison, fills in nothing.

    Raises:
        FileNotFoundError: If there is no such model, and the run file does not name its own.
        ValueError: If ``begin`` names nothing, or its config is damaged.

    Example:
        >>> filled = with_begun({"begin": "default", "model": {"dropout": 0.1}}, dict)
        >>> filled["encoder"], filled["model"]["name"], filled["model"]["dropout"]
        ('default', 'eega', 0.1)
    """
    filled, name = dict(values), values.get("begin")
    if name is None:
        return filled
    if not isinstance(name, str):
        raise ValueError(f"begin: expected the folder or hub id of a model, got {short_repr(name)}")
    filled.setdefault("encoder", name)
    given = {part: values.get(part, {}) for part in ("model", "graphs", "visual")}
    if not all(isinstance(part, Mapping) for part in given.values()):
        return filled  # what is wrong with them is told when they are read
    try:
        model, graphs = _choices(name, read_model)
    except FileNotFoundError as error:
        if "name" in given["model"]:
            return filled
        raise FileNotFoundError(f"begin: {error}") from None
    objects = {"objects": graphs.pop("objects")}
    filled["model"] = merge_values(model, given["model"])
    filled["graphs"] = {**graphs, **given["graphs"]}
    filled["visual"] = {**objects, **given["visual"]}
    return filled


def _choices(name: str, read_model: ReadModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """The ``model`` part of a trained model, and how its graphs are made."""
    folder = find_folder(name)
    values = read_config(folder)
    try:
        model = read_model(values["model"])
        graphs = asdict(parse_config(GraphConfig, values["graphs"], "graphs"))
    except (ValueError, KeyError, TypeError) as error:
        path = folder / CONFIG
        raise ValueError(f"{path}: not a jmere model's config ({one_line(error)})") from None
    return model, graphs
