"""The head for names on the torch engine."""

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from jmere.layers.encoder import WordEncoder, states_by_word
from jmere.layers.name_head import NameHead, kept_states
from jmere.layers.tensor_batch import TensorBatch
from jmere.models.tagging import Tagging
from jmere.tagger.folder import CONFIG
from jmere.tagger.names.name_files import NAMES_WEIGHTS, NameConfig
from jmere.tagger.tensors import build_fitting, read_header
from jmere.tagger.weights import load_weights

_PREFIX = "names."


def load_names(folder: Path, config: NameConfig, encoder: WordEncoder) -> NameHead:
    """Read the head for names of a model folder.

    Raises:
        ValueError: If the weights are damaged or do not fit the config.
    """

    def build() -> nn.Module:
        return _Named(new_head(encoder, config))

    named = build_fitting(build, read_header(folder / NAMES_WEIGHTS), where=folder / CONFIG)
    named.load_state_dict(load_weights(folder / NAMES_WEIGHTS))
    head: Any = named.names
    loaded: NameHead = head.eval()
    return loaded


def new_head(encoder: WordEncoder, config: NameConfig, *, dropout: float = 0.0) -> NameHead:
    """Build a head that nothing has trained yet.

    Raises:
        ValueError: If the encoder has fewer layers than the head reads.
    """
    settings: Any = encoder.transformer.config
    if max(config.layers) > settings.num_hidden_layers:
        raise ValueError(
            f"names.layers: there is no layer {max(config.layers)}; "
            f"the encoder has {settings.num_hidden_layers}"
        )
    return NameHead(
        hidden=encoder.hidden,
        layers=config.layers,
        types=len(config.types),
        width=config.width,
        dropout=dropout,
    )


def head_weights(head: NameHead) -> dict[str, Tensor]:
    """Return the weights of a head under the names that they have in the file."""
    return {_PREFIX + name: tensor for name, tensor in head.state_dict().items()}


def tag_with_names(
    network: nn.Module, head: NameHead, batch: TensorBatch, *, alignment: bool = True
) -> tuple[Tagging, Tensor]:
    """Run a network, and a head over the states of its encoder.

    Returns:
        What the network tags, and the scores of the labels, batch x words x labels.
    """
    encoder: Any = network.encoder
    with kept_states(encoder.transformer, head.layers) as states:
        tagging: Tagging = network(batch, alignment=alignment)
    return tagging, head(states_by_word(states, batch), batch.word_mask)


class _Named(nn.Module):
    """Gives the head the name that its weights have in the file."""

    def __init__(self, head: NameHead) -> None:
        super().__init__()
        self.names = head
