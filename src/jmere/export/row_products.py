"""Products of a layer in integers, each row of its input quantised by its own range.

A row's numbers depend on no other row, so a post's scores are the same bytes whatever is computed
with it. Weights are unsigned in the product: processors without VNNI add pairs of products of
unsigned and signed bytes in 16 bits, and cut what does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator

from onnx import NodeProto, TensorProto, helper

_NAMES = ("levels", "half", "least_step", "last_axis", "middle", "nothing", "one", "first")
_LEVELS, _HALF, _LEAST_STEP, _LAST_AXIS, _MIDDLE, _NOTHING, _ONE, _FIRST = (
    f"rows/{name}" for name in _NAMES
)

CONSTANTS = (
    helper.make_tensor(_LEVELS, TensorProto.FLOAT, (), [255.0]),
    helper.make_tensor(_HALF, TensorProto.FLOAT, (), [0.5]),
    helper.make_tensor(_LEAST_STEP, TensorProto.FLOAT, (), [1e-30]),
    helper.make_tensor(_LAST_AXIS, TensorProto.INT64, (1,), [-1]),
    helper.make_tensor(_MIDDLE, TensorProto.UINT8, (), [128]),
    helper.make_tensor(_NOTHING, TensorProto.UINT8, (), [0]),
    helper.make_tensor(_ONE, TensorProto.UINT8, (1, 1), [1]),
    helper.make_tensor(_FIRST, TensorProto.INT64, (1,), [1]),
)
"""Constants that the nodes of this file read."""


def quantised(source: str) -> Iterator[NodeProto]:
    """Yield the nodes that make the rows of a tensor bytes: the least number 0, the largest 255."""
    least, most, width, exact = (f"{source}/{name}" for name in ("least", "most", "width", "exact"))
    above, scaled, raised = (f"{source}/{name}" for name in ("above", "scaled", "raised"))
    yield helper.make_node("ReduceMin", [source, _LAST_AXIS], [least])
    yield helper.make_node("ReduceMax", [source, _LAST_AXIS], [most])
    yield helper.make_node("Sub", [most, least], [width])
    yield helper.make_node("Div", [width, _LEVELS], [exact])
    yield helper.make_node("Max", [exact, _LEAST_STEP], [_step(source)])
    yield helper.make_node("Sub", [source, least], [above])
    yield helper.make_node("Div", [above, _step(source)], [scaled])
    yield helper.make_node("Add", [scaled, _HALF], [raised])  # a cast cuts; with a half it rounds
    yield helper.make_node("Cast", [raised], [f"{source}/bytes"], to=TensorProto.UINT8)


def weight(stored: str, scale: str, name: str) -> Iterator[NodeProto]:
    """Yield the nodes that prepare a weight; the engine computes them once, when it loads.

    Args:
        stored: Bytes of the weight, ``(outputs, inputs)``, read as unsigned.
        scale: Step of each row, ``(outputs, 1)``.
        name: Name of the weight.
    """
    turned, ones, sums = (f"{name}/{part}" for part in ("turned", "ones", "sums"))
    # A signed byte plus 128 is the same byte with its first bit turned over.
    yield helper.make_node("BitwiseXor", [stored, _MIDDLE], [f"{name}/unsigned"])
    yield helper.make_node("Transpose", [f"{name}/unsigned"], [turned], perm=[1, 0])
    yield helper.make_node("Transpose", [scale], [f"{name}/scale"], perm=[1, 0])
    yield helper.make_node("Shape", [turned], [f"{name}/inputs"], start=0, end=1)
    yield helper.make_node("Concat", [_FIRST, f"{name}/inputs"], [f"{ones}/shape"], axis=0)
    yield helper.make_node("Expand", [_ONE, f"{ones}/shape"], [ones])
    yield helper.make_node("MatMulInteger", [ones, turned, _NOTHING, _MIDDLE], [f"{sums}/steps"])
    yield helper.make_node("Cast", [f"{sums}/steps"], [f"{sums}/number"], to=TensorProto.FLOAT)
    yield helper.make_node("Mul", [f"{sums}/number", f"{name}/scale"], [sums])


def product(source: str, name: str, out: str) -> Iterator[NodeProto]:
    """Yield the nodes that multiply a tensor that is ``quantised`` with a ``weight``.

    With x = least + step * byte, the product is least * (sum of the weights) + step * (that of
    the bytes). The two scales are applied one after the other: ONNX Runtime 1.32 fuses a product of
    them wrongly, as if it were one number.
    """
    counted, number, rows = (f"{out}/{part}" for part in ("counted", "number", "rows"))
    above, below = f"{out}/above", f"{out}/below"
    inputs = [f"{source}/bytes", f"{name}/turned", _NOTHING, _MIDDLE]
    yield helper.make_node("MatMulInteger", inputs, [counted])
    yield helper.make_node("Cast", [counted], [number], to=TensorProto.FLOAT)
    yield helper.make_node("Mul", [number, f"{name}/scale"], [rows])
    yield helper.make_node("Mul", [rows, _step(source)], [above])
    yield helper.make_node("Mul", [f"{source}/least", f"{name}/sums"], [below])
    yield helper.make_node("Add", [above, below], [out])


def _step(source: str) -> str:
    return f"{source}/step"
