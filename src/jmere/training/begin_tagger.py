"""A trained model to go on from, with the tag set of the run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from jmere.grid.decode import Decoder
from jmere.models.registry import ModelConfig
from jmere.tagger.tagger import Tagger
from jmere.tagger.torch_scorer import TorchScorer, build_network
from jmere.tags import TagSet
from jmere.training.run_config import RunConfig
from jmere.training.tag_rows import shared_tags, take_weights, widened

log = logging.getLogger(__name__)


def begin_tagger(config: RunConfig, tags: TagSet) -> Tagger:
    """Read the model that ``config.begin`` names, and give it the run's tags and dropout.

    Its encoder, graph layers, vocabularies and counts are kept. With other tags, what depends on
    them is new, except the rows of tags that have the same names. Its signatures, calibration and
    biases are those of its own tags and data, so the run's decoding takes their place.

    Raises:
        FileNotFoundError: If there is no such model.
        ValueError: If it is of another form than the run file says.
    """
    begun = Tagger.from_pretrained(str(config.begin))
    for name, mine, its in (
        ("model", _form(config.model.to_json()), _form(begun.config.model.to_json())),
        ("graphs", config.graph_config(), begun.config.graphs),
        ("decoding.symmetric", config.decoding.symmetric, begun.batch.symmetric),
    ):
        if mine != its:
            raise ValueError(
                f"{name}: differs from that of {config.begin}, the model to start from; "
                "begin: null starts with new layers"
            )
    batcher = replace(begun.batch, tags=tags)
    network = _build(config.model, begun, tags)
    if tags == begun.tags:
        network.load_state_dict(begun.network.state_dict())
    else:
        with torch.device("meta"):
            wide = _build(config.model, begun, widened(tags))
        shared = shared_tags(tags, begun.tags)
        by_tag = take_weights(network, begun.network, wide, shared)
        known = [tags.name(number) for number, _ in shared[1:] if by_tag]
        log.info(
            "%s has other tags: %d of %d are new; known by name: %s",
            config.begin,
            len(tags) - 1 - len(known),
            len(tags) - 1,
            ", ".join(known) or "none",
        )
    return Tagger(
        scorer=TorchScorer(network, config.model),
        graphs=begun.graphs,
        preparer=begun.prepare,
        batcher=batcher,
        decoder=Decoder(tags, config.decoding),
    )


def _build(model: ModelConfig, begun: Tagger, tags: TagSet) -> nn.Module:
    """The network of another tag set, over the encoder of the trained one."""
    encoder: Any = begun.network.encoder
    return build_network(model, encoder.transformer, replace(begun.batch, tags=tags))


def _form(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The choices of a model that its weights depend on: all but the dropouts."""
    return {
        key: _form(value) if isinstance(value, Mapping) else value
        for key, value in choices.items()
        if not key.endswith("dropout")
    }
