"""Attribute transformer: attention along the edges of a graph, with edge types."""

import math
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor, nn

Adjacency = Literal["mask", "multiply"]
"""``mask``: a node attends to its neighbours alone, as the authors' code has it. ``multiply``: the
scores are multiplied by the adjacency before the softmax, equation 3 as printed, by which the
others have a score of 0 and take part."""


class AttributeTransformer(nn.Module):
    """One transformer layer over a graph, for text and for vision alike (equations 3 and 4).

    With ``edge_types`` off it is a vanilla transformer over all nodes of the post
    (Table 2, "w/o attribute transformer"). With an ``output`` width of its own, the
    feed-forward network changes the width, as the paper's does for objects, and
    has nothing to be added to.
    """

    def __init__(
        self,
        *,
        hidden: int,
        heads: int,
        edges: int,
        edge_width: int,
        dropout: float,
        edge_types: bool = True,
        output: int | None = None,
        adjacency: Adjacency = "mask",
    ) -> None:
        super().__init__()
        output = hidden if output is None else output
        self.keeps_width = output == hidden
        self.attend = AttributeAttention(
            hidden=hidden,
            heads=heads,
            edges=edges if edge_types else 0,
            edge_width=edge_width,
            dropout=dropout,
            adjacency=adjacency,
        )
        self.feed_forward = nn.Sequential(
            nn.Linear(hidden, 4 * hidden),
            nn.GELU(),
            nn.Linear(4 * hidden, output),
            nn.Dropout(dropout),
        )
        self.attend_norm, self.output_norm = nn.LayerNorm(hidden), nn.LayerNorm(output)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        nodes: Float[Tensor, "batch nodes hidden"],
        types: UInt8[Tensor, "batch nodes nodes"],
        mask: Bool[Tensor, "batch nodes"],
    ) -> Float[Tensor, "batch nodes output"]:
        """Update each node from its neighbours; ``types`` is 0 where there is no edge."""
        attended = self.attend_norm(nodes + self.dropout(self.attend(nodes, types, mask)))
        fed = self.feed_forward(attended)
        updated: Tensor = self.output_norm(attended + fed if self.keeps_width else fed)
        return updated


class AttributeAttention(nn.Module):
    """Multi-head attention with edge types in keys and values.

    A key is ``W_K x_j + W_z z_ij`` and a value ``W_V x_j + W_r z_ij`` (equation 4).
    There are few edge types, so the scores of ``W_z z`` are looked up in a product
    nodes x types, and the attention is summed by type before ``W_r``: nothing of
    size nodes x nodes x hidden is made.
    """

    def __init__(
        self,
        *,
        hidden: int,
        heads: int,
        edges: int,
        edge_width: int,
        dropout: float,
        adjacency: Adjacency = "mask",
    ) -> None:
        super().__init__()
        if hidden % heads:
            raise ValueError(f"hidden ({hidden}) must be a multiple of heads ({heads})")
        self.heads, self.width = heads, hidden // heads
        self.adjacency: Adjacency = adjacency
        self.project = nn.Linear(hidden, 3 * hidden)
        self.output = nn.Linear(hidden, hidden)
        self.dropout = nn.Dropout(dropout)
        self.edges = nn.Embedding(edges, edge_width) if edges else None
        self.edge_keys = nn.Linear(edge_width, hidden, bias=False) if edges else None
        self.edge_values = nn.Linear(edge_width, hidden, bias=False) if edges else None

    def forward(
        self,
        nodes: Float[Tensor, "batch nodes hidden"],
        types: UInt8[Tensor, "batch nodes nodes"],
        mask: Bool[Tensor, "batch nodes"],
    ) -> Float[Tensor, "batch nodes hidden"]:
        """Attend to the neighbours of each node; without edge types, to every node."""
        queries, keys, values = (self._split(part) for part in self.project(nodes).chunk(3, dim=-1))
        scores = queries @ keys.transpose(2, 3)
        index: Int[Tensor, "batch heads nodes nodes"] | None = None
        if self.edges is not None and self.edge_keys is not None:
            index = types.long()[:, None].expand_as(scores)
            typed = queries @ self._edge_heads(self.edge_keys).transpose(1, 2)
            scores = scores + typed.gather(3, index)
        allowed = mask[:, None, :]
        if index is not None and self.adjacency == "mask":
            allowed = (types > 0) & allowed
        elif index is not None:
            scores = scores * (types > 0)[:, None]
        scores = scores.div(math.sqrt(self.width)).masked_fill(
            ~allowed[:, None], torch.finfo(scores.dtype).min
        )
        attention = self.dropout(scores.softmax(dim=-1))
        gathered = attention @ values
        if index is not None and self.edge_values is not None:
            by_type = attention.new_zeros(*attention.shape[:3], self._types()).scatter_add(
                3, index, attention
            )
            gathered = gathered + by_type @ self._edge_heads(self.edge_values)
        attended: Tensor = self.output(gathered.transpose(1, 2).flatten(2))
        return attended

    def _split(self, vectors: Tensor) -> Float[Tensor, "batch heads nodes width"]:
        return vectors.view(*vectors.shape[:2], self.heads, self.width).transpose(1, 2)

    def _edge_heads(self, project: nn.Linear) -> Float[Tensor, "heads types width"]:
        assert self.edges is not None
        projected: Tensor = project(self.edges.weight)
        return projected.view(-1, self.heads, self.width).transpose(0, 1)

    def _types(self) -> int:
        assert self.edges is not None
        return self.edges.num_embeddings
