"""The torch engine of the head for ``visible``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoModel

from jmere.errors import one_line
from jmere.layers.visible import VisibleHeads, VisibleNetwork
from jmere.layers.word_shapes import add_shapes
from jmere.pretrained.encoders import encoder_config
from jmere.tagger.folder import CONFIG, WEIGHTS, read_config
from jmere.tagger.tensors import build_fitting, read_header
from jmere.tagger.visible.head_files import VISIBLE_WEIGHTS, HeadConfig
from jmere.tagger.visible.pair_arrays import (
    INPUTS,
    MOST_COUNTED,
    SAME_TYPE,
    TRAITS,
    DescribedPost,
    by_post,
    pair_arrays,
)
from jmere.tagger.weights import load_weights

_ENCODER, _HEAD = "encoder.transformer.", "visible."


class TorchVisible:
    """Scores entities by a network."""

    def __init__(self, network: VisibleNetwork, types: Sequence[str]) -> None:
        """Take a network.

        Args:
            network: The network.
            types: Entity types by number, from 1.
        """
        self.network, self._types = network.eval(), types

    @torch.inference_mode()
    def __call__(self, posts: Sequence[DescribedPost]) -> list[NDArray[np.float32]]:
        """Return the log-odds that the entities of each post are visible."""
        arrays = pair_arrays(posts, self._types)
        scores = self.network(*(torch.from_numpy(arrays[name]) for name in INPUTS))
        return by_post(scores.float().numpy(), posts)


def load_visible(folder: Path, config: HeadConfig) -> TorchVisible:
    """Read encoder and head of a model folder.

    Raises:
        ValueError: If the weights are damaged or do not fit the config.
    """
    transformer = load_own_encoder(folder)

    def build() -> nn.Module:
        return _Named(new_heads(transformer, config))

    named = build_fitting(build, read_header(folder / VISIBLE_WEIGHTS), where=folder / CONFIG)
    named.load_state_dict(load_weights(folder / VISIBLE_WEIGHTS))
    heads: Any = named.visible
    return TorchVisible(VisibleNetwork(transformer, heads), config.types)


def new_heads(transformer: nn.Module, config: HeadConfig, *, dropout: float = 0.0) -> VisibleHeads:
    """Build heads that nothing has trained yet.

    Raises:
        ValueError: If the encoder has fewer layers than a head reads.
    """
    settings: Any = transformer.config
    if max(config.layers) > settings.num_hidden_layers:
        raise ValueError(
            f"visible.layers: there is no layer {max(config.layers)}; "
            f"the encoder has {settings.num_hidden_layers}"
        )
    tables: Any = transformer
    return VisibleHeads(
        hidden=settings.hidden_size,
        vocabulary=len(tables.get_input_embeddings().weight),
        types=len(config.types) + 1,
        traits=TRAITS,
        counted=MOST_COUNTED,
        same=SAME_TYPE,
        layers=config.layers,
        width=config.width,
        parts=config.parts,
        dropout=dropout,
    )


def load_own_encoder(folder: Path) -> nn.Module:
    """Read the encoder of a model folder, one that no other network holds.

    Raises:
        ValueError: If the folder's config or weights are damaged.
    """
    path = folder / CONFIG
    try:
        config = encoder_config(read_config(folder).get("encoder"), where="encoder")
    except ValueError as error:
        raise ValueError(f"{path}: not a jmere model's config ({one_line(error)})") from None
    transformer: nn.Module = AutoModel.from_config(config, trust_remote_code=False)  # type: ignore[no-untyped-call]
    if hasattr(transformer, "pooler"):
        transformer.pooler = None  # type: ignore[assignment]
    add_shapes(transformer)
    weights = {
        name.removeprefix(_ENCODER): tensor
        for name, tensor in load_weights(folder / WEIGHTS).items()
        if name.startswith(_ENCODER)
    }
    try:
        transformer.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"{folder / WEIGHTS}: does not fit {CONFIG} ({one_line(error)})") from None
    return transformer.eval()


class _Named(nn.Module):
    """Gives the heads the names that their weights have in the file."""

    def __init__(self, heads: VisibleHeads) -> None:
        super().__init__()
        self.visible = heads
