"""Feature pyramid of a YOLOX export: located in the ONNX graph and added to its outputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jmere.vision.detect.onnx_network import read_network


@dataclass(frozen=True)
class YoloxExport:
    """A YOLOX network with its feature pyramid as outputs."""

    model: bytes
    """Serialised ONNX network with the pyramid levels among its outputs."""
    output: str
    """Name of the prediction output."""
    levels: tuple[str, ...]
    """Names of the pyramid levels, in the order of their predictions."""
    decoded: bool
    """Whether the network decodes its predictions to boxes itself."""


def open_pyramid(path: Path) -> YoloxExport:
    """Add the inputs of a YOLOX head to the network's outputs.

    A head has three convolutions per level (box, objectness, class), joined by a ``Concat``.
    Their branches meet at the level's stem, whose input is the pyramid level. Node names, which
    differ by export, are not used.

    Raises:
        ValueError: If the file is no ONNX network, or has no such head.
    """
    model = read_network(path)
    graph = _Graph(list(model.graph.node))
    levels = [_level(graph, joined) for joined in graph.heads()]
    if not levels or len(model.graph.output) != 1:
        raise ValueError(f"{path}: no YOLOX head found; expected an export of YOLOX")
    for name in levels:
        model.graph.output.append(type(model.graph.output[0])(name=name))
    return YoloxExport(
        model=model.SerializeToString(),
        output=model.graph.output[0].name,
        levels=tuple(levels),
        decoded=any(node.op_type == "Exp" for node in graph.nodes),
    )


class _Graph:
    """Nodes of a network in topological order."""

    def __init__(self, nodes: list[Any]) -> None:
        self.nodes = nodes
        self.maker = {name: index for index, node in enumerate(nodes) for name in node.output}

    def source(self, name: str) -> Any:
        """Return the node that produces a tensor, ``None`` for weights and inputs."""
        index = self.maker.get(name)
        return None if index is None else self.nodes[index]

    def heads(self) -> Iterator[list[Any]]:
        """Return the convolutions of each head level: box, objectness and class."""
        for node in self.nodes:
            if node.op_type == "Concat" and len(node.input) == 3:
                joined = [self._convolution(name) for name in node.input]
                if None not in joined:
                    yield joined

    def _convolution(self, name: str) -> Any:
        """Return the convolution behind a tensor, skipping a sigmoid."""
        node = self.source(name)
        if node is not None and node.op_type == "Sigmoid":
            node = self.source(node.input[0])
        return node if node is not None and node.op_type == "Conv" else None

    def ancestors(self, node: Any) -> set[int]:
        """Return the indices of the nodes that a node depends on."""
        found: set[int] = set()
        waiting = list(node.input)
        while waiting:
            index = self.maker.get(waiting.pop())
            if index is not None and index not in found:
                found.add(index)
                waiting += self.nodes[index].input
        return found


def _level(graph: _Graph, joined: list[Any]) -> str:
    """Return the input tensor of a level's stem."""
    index, _, kind = joined
    # The last node that both branches depend on ends the stem.
    node = graph.nodes[max(graph.ancestors(index) & graph.ancestors(kind))]
    while node.op_type != "Conv":
        makers = (graph.source(name) for name in node.input)
        node = next(maker for maker in makers if maker is not None)
    return str(node.input[0])
