"""The parts of a PicoDet export: scores, box distributions and feature maps of each level."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jmere.vision.detect.onnx_network import read_network

_FIRST_STRIDE = 8


@dataclass(frozen=True)
class PicoDetExport:
    """A PicoDet network with the feature maps of its head as outputs."""

    model: bytes
    """Serialised ONNX network."""
    input: str
    """Name of the input."""
    size: tuple[int, int]
    """Width and height of the input in pixels."""
    classes: int
    """Number of classes."""
    scores: tuple[str, ...]
    """Names of the score outputs, a level each: cells x classes."""
    boxes: tuple[str, ...]
    """Names of the box outputs, a level each: cells x 4 distributions of distances."""
    maps: tuple[str, ...]
    """Names of the head's feature maps, a level each."""

    @property
    def strides(self) -> tuple[int, ...]:
        """Return the side of a cell of each level, in pixels of the input."""
        return tuple(_FIRST_STRIDE << level for level in range(len(self.scores)))


def open_picodet(path: Path) -> PicoDetExport:
    """Find the outputs of a PicoDet export, and add the head's feature maps to them.

    An export has a score output for each level, then a box output for each level. Only shapes
    and connections are used; names differ by export.

    Raises:
        ValueError: If the file is no ONNX network, or has no such outputs.
    """
    model = read_network(path)
    graph = model.graph
    weights = {each.name for each in graph.initializer}
    # Some exports declare each weight as an input too, which keeps it from being optimised.
    entries = [each for each in graph.input if each.name not in weights]
    del graph.input[:]
    graph.input.extend(entries)
    shapes = [_shape(each) for each in graph.output]
    names = tuple(each.name for each in graph.output)
    sides = _shape(entries[0]) if len(entries) == 1 else []
    levels = len(names) // 2
    if not _fits(sides, shapes, levels):
        raise ValueError(
            f"{path}: no PicoDet head found; expected an export of PicoDet without NMS"
        )
    maps = _maps(list(graph.node), names[:levels])
    known = set(names)
    graph.output.extend(type(graph.output[0])(name=name) for name in maps if name not in known)
    return PicoDetExport(
        model=model.SerializeToString(),
        input=entries[0].name,
        size=(sides[3], sides[2]),
        classes=shapes[0][2],
        scores=names[:levels],
        boxes=names[levels:],
        maps=maps,
    )


def _fits(sides: list[int], shapes: list[list[int]], levels: int) -> bool:
    """Return whether input and outputs have the shapes of PicoDet's."""
    if len(sides) != 4 or sides[1] != 3 or min(sides[2:]) < 1 or len(shapes) != 2 * levels:
        return False
    if not levels or any(len(shape) != 3 for shape in shapes):
        return False
    scores, boxes = shapes[:levels], shapes[levels:]
    cells = [
        -(-sides[2] // stride) * -(-sides[3] // stride)
        for stride in (_FIRST_STRIDE << level for level in range(levels))
    ]
    return (
        [shape[1] for shape in scores] == [shape[1] for shape in boxes] == cells
        and len({shape[2] for shape in scores}) == len({shape[2] for shape in boxes}) == 1
        and scores[0][2] > 0
        and boxes[0][2] >= 8
        and boxes[0][2] % 4 == 0
    )


def _shape(value: Any) -> list[int]:
    """Return the sides of a tensor; those that the file leaves open are 0."""
    return [each.dim_value for each in value.type.tensor_type.shape.dim]


def _maps(nodes: list[Any], scores: tuple[str, ...]) -> tuple[str, ...]:
    """Return the input of the convolution that each score output comes from."""
    maker = {name: node for node in nodes for name in node.output}
    found = []
    for name in scores:
        node = maker.get(name)
        while node is not None and node.op_type != "Conv":
            node = maker.get(node.input[0])
        if node is not None:
            found.append(str(node.input[0]))
    return tuple(found)
