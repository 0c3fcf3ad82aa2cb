"""A YOLOX network small enough to make in a test: random weights, the real one's shape."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE, WIDTHS, STEM = 64, (4, 6, 8), 5
STRIDES = (8, 16, 32)


class Builder:
    """Adds nodes one after another."""

    def __init__(self, seed: int) -> None:
        self.nodes, self.weights = [], []
        self.random = np.random.default_rng(seed)

    def add(self, kind, *inputs, **attributes) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, values) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def conv(self, source, channels, out, *, kernel=1, stride=1, bias=0.0) -> str:
        weight = self.random.normal(0, 1 / np.sqrt(channels), (out, channels, kernel, kernel))
        return self.add(
            "Conv",
            source,
            self.constant(weight.astype(np.float32)),
            self.constant(np.full(out, bias, np.float32)),
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
        )

    def silu(self, source) -> str:
        return self.add("Mul", source, self.add("Sigmoid", source))


def write_yolox(path: Path, *, classes: int = 80, seed: int = 0, decoded: bool = False) -> Path:
    """Write a network of 64 x 64 pixels with three levels; ``decoded`` ends it in boxes."""
    build = Builder(seed)
    scaled = build.add("Mul", "images", build.constant(np.float32(1 / 255)))
    levels = [build.silu(build.conv(scaled, 3, WIDTHS[0], kernel=8, stride=8))]
    for before, after in pairwise(WIDTHS):
        levels.append(build.silu(build.conv(levels[-1], before, after, kernel=2, stride=2)))
    rows = []
    for level, width in zip(levels, WIDTHS, strict=True):
        stem = build.silu(build.conv(level, width, STEM))
        kind = build.conv(build.silu(build.conv(stem, STEM, STEM)), STEM, classes)
        branch = build.silu(build.conv(stem, STEM, STEM))
        place = build.conv(branch, STEM, 4)
        thing = build.conv(branch, STEM, 1, bias=0.5)
        joined = build.add(
            "Concat", place, build.add("Sigmoid", thing), build.add("Sigmoid", kind), axis=1
        )
        shape = build.constant(np.array([1, 5 + classes, -1], np.int64))
        rows.append(build.add("Reshape", joined, shape))
    last = build.add("Transpose", build.add("Concat", *rows, axis=2), perm=[0, 2, 1])
    if decoded:
        last = _decode(build, last, classes)
    build.nodes[-1].output[0] = "output"
    graph = helper.make_graph(
        build.nodes,
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 84, 5 + classes])],
        build.weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), str(path))
    return path


def cells() -> np.ndarray:
    """Column, row and stride of every prediction."""
    return np.array(
        [(x, y, s) for s in STRIDES for y in range(SIDE // s) for x in range(SIDE // s)], np.float32
    )


def _decode(build: Builder, last: str, classes: int) -> str:
    place = cells()
    stride = build.constant(place[:, 2:])
    parts = [
        build.add("Slice", last, *(build.constant(np.array([n])) for n in (start, stop, 2)))
        for start, stop in ((0, 2), (2, 4), (4, 5 + classes))
    ]
    centre = build.add("Mul", build.add("Add", parts[0], build.constant(place[:, :2])), stride)
    sides = build.add("Mul", build.add("Exp", parts[1]), stride)
    return build.add("Concat", centre, sides, parts[2], axis=2)
