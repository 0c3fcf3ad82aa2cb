"""Weights of a graph left in the safetensors file of a model folder, as they are stored there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from onnx import ModelProto, NodeProto, TensorProto, helper

from jmere.export import row_products
from jmere.export.tracing import PREFIX
from jmere.tagger.stored_header import SCALE_SUFFIX, StoredHeader

_KINDS = {
    "F32": TensorProto.FLOAT,
    "F16": TensorProto.FLOAT16,
    "I8": TensorProto.INT8,
    "I64": TensorProto.INT64,
}

UNSIGNED = "/unsigned"
"""Suffix of the name of stored integers that a graph reads as unsigned."""

INTEGER_PART = f"{PREFIX}encoder."
"""Where products are in integers. Layers after the encoder are small, and lose more by it."""

MIN_INTEGER_ROWS = 128
"""Outputs of a layer from which on its product is one of integers."""

MIN_TABLE_ROWS = 1024
"""Rows of an embedding from which on only those that are looked up are converted."""


def detach_weights(model: ModelProto, header: StoredHeader, *, integers: bool) -> None:
    """Point a graph's weights at the file that stores them.

    What is stored as integers with a scale per row becomes numbers when the graph is loaded.
    With ``integers``, the products of large layers are products of integers instead, their
    inputs quantised as they come.

    Args:
        model: A traced network; changed in place.
        header: Header of the file.
        integers: Whether products are computed in integers.
    """
    graph = model.graph
    weights = {each.name for each in graph.initializer if each.name.startswith(PREFIX)}
    kept = [each for each in graph.initializer if each.name not in weights]
    rewriter = _Rewriter(header, weights, integers=integers)
    nodes = [new for node in graph.node for new in rewriter.rewritten(node)]
    nodes = used_nodes([*rewriter.prologue, *nodes], {each.name for each in graph.output})
    read = {name for node in nodes for name in _read(node)}
    stored = [_external(name, header) for name in sorted(rewriter.stored)]
    stored += [_external(name, header, unsigned=True) for name in sorted(rewriter.unsigned)]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(nodes)
    if any(node.domain == row_products.CONTRIBUTED for node in nodes):
        model.opset_import.append(helper.make_opsetid(row_products.CONTRIBUTED, 1))
    graph.initializer.extend(
        each for each in [*kept, *row_products.CONSTANTS, *stored] if each.name in read
    )
    for node in graph.node:
        node.ClearField("doc_string")


class _Rewriter:
    """Replaces the uses of weights node by node, in the order of the graph."""

    def __init__(self, header: StoredHeader, weights: set[str], *, integers: bool) -> None:
        self.header, self.weights, self.integers = header, weights, integers
        self.prologue: list[NodeProto] = []
        self.stored: set[str] = set()
        self._ready: set[str] = set()
        self.unsigned: set[str] = set()
        self._prepared: set[str] = set()
        self._quantised: set[str] = set()
        self._transposed: dict[str, str] = {}

    def rewritten(self, node: NodeProto) -> Iterator[NodeProto]:
        """Yield the nodes that replace a node."""
        name = node.input[0] if node.input else ""
        if node.op_type == "Transpose" and name in self.weights and _swaps(node):
            self._transposed[node.output[0]] = name
        if node.op_type == "Gather" and self._is_large_table(name):
            yield from self._gather(node, name)
            return
        weight = self._integer_weight(node)
        if weight is not None:
            yield from self._product(node, weight)
            return
        for used in _read(node):
            if used in self.weights:
                self._convert(used)
        yield node

    def _stored(self, name: str) -> str:
        own = name.removeprefix(PREFIX)
        self.stored.add(own)
        return own

    def _is_integer(self, name: str) -> bool:
        return self.header.types.get(name.removeprefix(PREFIX)) == "I8"

    def _is_large_table(self, name: str) -> bool:
        if name not in self.weights or not self._is_integer(name):
            return False
        return self.header.shapes[name.removeprefix(PREFIX)][0] >= MIN_TABLE_ROWS

    def _integer_weight(self, node: NodeProto) -> str | None:
        """Return the weight of a layer whose product is one of integers."""
        if not self.integers or not _is_layer(node):
            return None
        name = node.input[1]
        if node.op_type == "MatMul":
            name = self._transposed.get(name, "")
        if name not in self.weights or node.input[0] in self.weights or not self._is_integer(name):
            return None
        if not name.startswith(INTEGER_PART):
            return None
        shape = self.header.shapes[name.removeprefix(PREFIX)]
        return name if len(shape) == 2 and shape[0] >= MIN_INTEGER_ROWS else None

    def _convert(self, name: str) -> None:
        """Make a weight a number of single precision under its name in the graph."""
        if name in self._ready:
            return
        self._ready.add(name)
        own = self._stored(name)
        kind = self.header.types[own]
        if kind in ("F32", "I64"):
            self.prologue.append(helper.make_node("Identity", [own], [name]))
            return
        if kind == "F16":
            self.prologue.append(_cast(own, name))
            return
        scale = self._stored(own + SCALE_SUFFIX)
        self.prologue += [
            _cast(own, f"{name}/number"),
            helper.make_node("Mul", [f"{name}/number", scale], [name]),
        ]

    def _gather(self, node: NodeProto, name: str) -> Iterator[NodeProto]:
        own, out = self._stored(name), node.output[0]
        scale = self._stored(own + SCALE_SUFFIX)
        yield helper.make_node("Gather", [own, node.input[1]], [f"{out}/row"], axis=0)
        yield helper.make_node("Gather", [scale, node.input[1]], [f"{out}/scale"], axis=0)
        yield _cast(f"{out}/row", f"{out}/number")
        yield helper.make_node("Mul", [f"{out}/number", f"{out}/scale"], [out])

    def _product(self, node: NodeProto, name: str) -> Iterator[NodeProto]:
        source, out = node.input[0], node.output[0]
        if name not in self._prepared:
            self._prepared.add(name)
            own = name.removeprefix(PREFIX)
            self.unsigned.add(own)
            self.prologue += row_products.weight(
                own + UNSIGNED, self._stored(own + SCALE_SUFFIX), name
            )
        if source not in self._quantised:
            self._quantised.add(source)
            yield from row_products.quantised(source)
        if node.op_type == "MatMul":
            yield from row_products.product(source, name, out)
        else:
            yield from row_products.product(source, name, f"{out}/product")
            self._convert(node.input[2])
            yield helper.make_node("Add", [f"{out}/product", node.input[2]], [out])


def used_nodes(nodes: Sequence[NodeProto], outputs: Collection[str]) -> list[NodeProto]:
    """Return the nodes that the outputs depend on, in their order.

    ONNX Runtime computes constants before it drops what nothing uses: the numbers of single
    precision of every integer weight, say, whose product is one of integers.
    """
    needed, kept = set(outputs), []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            needed.update(_read(node))
            kept.append(node)
    return kept[::-1]


def _read(node: NodeProto) -> Iterator[str]:
    """Yield the names that a node reads, those of the graphs within it included."""
    yield from node.input
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            yield from (output.name for output in graph.output)
            for inner in graph.node:
                yield from _read(inner)


def _is_layer(node: NodeProto) -> bool:
    """Return whether a node may be a layer's product; a ``Gemm`` here has a transposed weight."""
    if node.op_type != "Gemm":
        return node.op_type == "MatMul"
    values = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    plain = values.get("alpha", 1.0) == values.get("beta", 1.0) == 1.0
    return len(node.input) == 3 and plain and values.get("transB") == 1 and not values.get("transA")


def _swaps(node: NodeProto) -> bool:
    return [list(each.ints) for each in node.attribute] == [[1, 0]]


def _cast(source: str, target: str) -> NodeProto:
    return helper.make_node("Cast", [source], [target], to=TensorProto.FLOAT)


def _external(name: str, header: StoredHeader, *, unsigned: bool = False) -> TensorProto:
    """Return an initialiser whose values are a part of the safetensors file.

    Args:
        name: Name of the part.
        header: Header of the file.
        unsigned: Whether its bytes are read as unsigned, under a name of their own.
    """
    start, end = header.offsets[name]
    tensor = TensorProto(
        name=name + UNSIGNED if unsigned else name,
        data_type=TensorProto.UINT8 if unsigned else _KINDS[header.types[name]],
        dims=header.shapes[name],
        data_location=TensorProto.EXTERNAL,
    )
    place: dict[str, Any] = {
        "location": header.file_of(name),
        "offset": start,
        "length": end - start,
    }
    for key, value in place.items():
        tensor.external_data.add(key=key, value=str(value))
    return tensor
