"""Word shapes for a pretrained transformer: as its token types, or in an embedding of their own.

The shape of a piece is that of its word (``jmere.text.shapes``). BERT and its kin take it as the
token type. A transformer without token types (MPNet, DistilBERT, ...) gets an embedding that is
added to that of the piece.
"""

from typing import Any

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from jmere.text.shapes import SHAPES

SHAPE_EMBEDDINGS = "shape_embeddings"
"""Name of that embedding among the transformer's embeddings."""


def learn_shapes(transformer: nn.Module) -> None:
    """Give a transformer an embedding per word shape, which changes nothing until it is trained.

    A token type per shape, each at first the one it knows; where there are no token types, an
    embedding of zeros. Its config says so, and carries it into the folder it is saved in. One
    that has learned shapes before keeps them.

    Raises:
        ValueError: If it has no embeddings of a known form.
    """
    if has_shapes(transformer):
        return
    config: Any = transformer.config
    table: Any = _token_types(transformer)
    if table is not None:
        known = table.weight[:1]
        table.weight = nn.Parameter(known.detach().repeat(len(SHAPES), 1))
        table.num_embeddings = len(SHAPES)
        config.type_vocab_size = len(SHAPES)
    config.word_shapes = True
    add_shapes(transformer)


def has_shapes(transformer: nn.Module) -> bool:
    """Tell whether a transformer reads the shapes of words, by its config."""
    config: Any = transformer.config
    return bool(getattr(config, "word_shapes", False))


def add_shapes(transformer: nn.Module) -> None:
    """Add the embedding of the shapes where the config has shapes and there are no token types.

    Raises:
        ValueError: If the transformer has no embeddings of a known form.
    """
    if not has_shapes(transformer) or _token_types(transformer) is not None:
        return
    embeddings = getattr(transformer, "embeddings", None)
    if not isinstance(embeddings, nn.Module):
        config: Any = transformer.config
        raise ValueError(f"word shapes are not supported for encoders of type {config.model_type}")
    if not hasattr(embeddings, SHAPE_EMBEDDINGS):
        pieces: Tensor = _input_table(transformer).weight
        table = nn.Embedding(len(SHAPES), pieces.shape[1], dtype=pieces.dtype)
        nn.init.zeros_(table.weight)
        # Inside the embeddings, so that it counts as a part of the lowest layer.
        embeddings.add_module(SHAPE_EMBEDDINGS, table.to(pieces.device))


def read_pieces(
    transformer: nn.Module,
    embedded: Float[Tensor, "batch pieces width"],
    mask: Bool[Tensor, "batch pieces"],
    shapes: Int[Tensor, "batch pieces"] | None,
    segments: Int[Tensor, "batch pieces"] | None = None,
) -> Float[Tensor, "batch pieces hidden"]:
    """Run a transformer over embedded pieces.

    Args:
        transformer: A pretrained encoder.
        embedded: Pieces by ``input_embedding``.
        mask: Pieces that are not padding.
        shapes: Shape of each piece's word, where the encoder has learned shapes.
        segments: Token type of each piece, for a transformer whose token types tell segments.
    """
    vectors: Tensor = _run(transformer, embedded, mask, shapes, segments).last_hidden_state
    return vectors


def read_layers(
    transformer: nn.Module,
    embedded: Float[Tensor, "batch pieces width"],
    mask: Bool[Tensor, "batch pieces"],
    shapes: Int[Tensor, "batch pieces"] | None,
) -> tuple[Tensor, ...]:
    """Return the embedded pieces and the output of every layer; the rest is as ``read_pieces``."""
    states: tuple[Tensor, ...] = _run(
        transformer, embedded, mask, shapes, output_hidden_states=True
    ).hidden_states
    return states


def _run(
    transformer: nn.Module,
    embedded: Tensor,
    mask: Tensor,
    shapes: Tensor | None,
    segments: Tensor | None = None,
    **options: bool,
) -> Any:
    token_types: dict[str, Tensor] = {}
    if segments is not None:
        token_types["token_type_ids"] = segments
    elif shapes is not None:
        own = shape_table(transformer)
        if own is None:
            token_types["token_type_ids"] = shapes
        else:
            embedded = embedded + own(shapes)
    return transformer(inputs_embeds=embedded, attention_mask=mask.long(), **token_types, **options)


def input_embedding(
    transformer: nn.Module, ids: Int[Tensor, "*shape"]
) -> Float[Tensor, "*shape width"]:
    """Embed pieces by the transformer's first table, without positions and token types."""
    embedded: Tensor = _input_table(transformer)(ids)
    return embedded


def tells_segments(transformer: nn.Module) -> bool:
    """Tell whether a transformer's token types are those of two segments."""
    table: Any = _token_types(transformer)
    return not has_shapes(transformer) and table is not None and table.num_embeddings > 1


def _token_types(transformer: nn.Module) -> nn.Module | None:
    table = getattr(getattr(transformer, "embeddings", None), "token_type_embeddings", None)
    return table if isinstance(table, nn.Module) else None


def shape_table(transformer: nn.Module) -> nn.Module | None:
    """The embedding of the shapes, where a transformer has its own."""
    table = getattr(getattr(transformer, "embeddings", None), SHAPE_EMBEDDINGS, None)
    return table if isinstance(table, nn.Module) else None


def _input_table(transformer: nn.Module) -> Any:
    pieces: Any = transformer
    return pieces.get_input_embeddings()
