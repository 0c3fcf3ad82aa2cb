"""Products of a layer in integers, each row of its input quantised by its own range.

A row's numbers depend on no other row, so a post's scores are the same bytes whatever is computed
with it. Weights are unsigned in the product: processors without VNNI add pairs of products of
unsigned and signed bytes in 16 bits, and cut what does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator

from onnx import NodeProto, TensorProto, helper

CONTRIBUTED = "com.microsoft"
"""Domain of the operators that are ONNX Runtime's own."""


def _name(name: str) -> str:
    return f"rows/{name}"


_NUMBERS = {
    "levels": (TensorProto.FLOAT, (), 255.0),
    "least_step": (TensorProto.FLOAT, (), 1e-30),
    "unit": (TensorProto.FLOAT, (), 1.0),
    "middle": (TensorProto.UINT8, (), 128),
    "nothing": (TensorProto.UINT8, (), 0),
    "one": (TensorProto.UINT8, (1, 1), 1),
    "last": (TensorProto.INT64, (1,), -1),
    "first": (TensorProto.INT64, (1,), 1),
}
CONSTANTS = tuple(
    helper.make_tensor(_name(name), kind, shape, [value])
    for name, (kind, shape, value) in _NUMBERS.items()
)
"""Constants that the nodes of this file read."""


def quantised(source: str) -> Iterator[NodeProto]:
    """Yield the nodes that make the rows of a tensor bytes: the least number 0, the largest 255."""
    least, most, width, exact = (f"{source}/{name}" for name in ("least", "most", "width", "exact"))
    above, step = f"{source}/above", _step(source)
    yield helper.make_node("ReduceMin", [source, _name("last")], [least])
    yield helper.make_node("ReduceMax", [source, _name("last")], [most])
    yield helper.make_node("Sub", [most, least], [width])
    yield helper.make_node("Div", [width, _name("levels")], [exact])
    yield helper.make_node("Max", [exact, _name("least_step")], [step])
    yield helper.make_node("Sub", [source, least], [above])
    flat, steps, rows, zeros = (f"{source}/{name}" for name in ("flat", "steps", "rows", "zeros"))
    yield helper.make_node("Shape", [source], [f"{source}/shape"])
    yield from _flattened(source, above, flat)
    yield helper.make_node("Reshape", [step, _name("last")], [steps])
    yield helper.make_node("Shape", [steps], [rows])
    yield helper.make_node("Expand", [_name("nothing"), rows], [zeros])
    yield helper.make_node("QuantizeLinear", [flat, steps, zeros], [f"{flat}/bytes"], axis=0)
    yield helper.make_node("Reshape", [f"{flat}/bytes", f"{source}/shape"], [f"{source}/bytes"])


def _flattened(source: str, values: str, flat: str) -> Iterator[NodeProto]:
    """Yield the nodes that make values of the shape of ``source`` a matrix of its rows."""
    shape, width = f"{flat}/shape", f"{source}/shape/width"
    yield helper.make_node("Shape", [source], [width], start=-1)
    yield helper.make_node("Concat", [_name("last"), width], [shape], axis=0)
    yield helper.make_node("Reshape", [values, shape], [flat])


def weight(stored: str, scale: str, name: str) -> Iterator[NodeProto]:
    """Yield the nodes that prepare a weight; the engine computes them once, when it loads.

    Args:
        stored: Bytes of the weight, ``(outputs, inputs)``, read as unsigned.
        scale: Step of each row, ``(outputs, 1)``.
        name: Name of the weight.
    """
    turned, ones, sums = (f"{name}/{part}" for part in ("turned", "ones", "sums"))
    # A signed byte plus 128 is the same byte with its first bit turned over.
    yield helper.make_node("BitwiseXor", [stored, _name("middle")], [f"{name}/unsigned"])
    yield helper.make_node("Transpose", [f"{name}/unsigned"], [turned], perm=[1, 0])
    yield helper.make_node("Reshape", [scale, _name("last")], [f"{name}/scale"])
    yield helper.make_node("Shape", [turned], [f"{name}/inputs"], start=0, end=1)
    yield helper.make_node("Concat", [_name("first"), f"{name}/inputs"], [f"{ones}/shape"], axis=0)
    yield helper.make_node("Expand", [_name("one"), f"{ones}/shape"], [ones])
    inputs = [ones, turned, _name("nothing"), _name("middle")]
    yield helper.make_node("MatMulInteger", inputs, [f"{sums}/steps"])
    yield helper.make_node("Cast", [f"{sums}/steps"], [f"{sums}/number"], to=TensorProto.FLOAT)
    yield helper.make_node("Mul", [f"{sums}/number", f"{name}/scale"], [sums])


def product(source: str, name: str, out: str) -> Iterator[NodeProto]:
    """Yield the nodes that multiply a tensor that is ``quantised`` with a ``weight``.

    With x = least + step * byte, the product is least * (sum of the weights) + step * (that of
    the bytes). The scale of each output is applied by the product, the step of each row after it:
    ONNX Runtime 1.32 fuses a product of the two scales wrongly, as if it were one number.
    """
    counted, above, below = (f"{out}/{part}" for part in ("counted", "above", "below"))
    scales = [_name("unit"), f"{name}/scale"]
    inputs = [f"{source}/bytes", f"{name}/turned", *scales, _name("nothing"), _name("middle")]
    yield helper.make_node("MatMulIntegerToFloat", inputs, [counted], domain=CONTRIBUTED)
    yield helper.make_node("Mul", [counted, _step(source)], [above])
    yield helper.make_node("Mul", [f"{source}/least", f"{name}/sums"], [below])
    yield helper.make_node("Add", [above, below], [out])


def _step(source: str) -> str:
    return f"{source}/step"
