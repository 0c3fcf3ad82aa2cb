"""A PicoDet network small enough to make in a test: random weights, the real one's shape."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE, STRIDES, WIDTH, BINS = 64, (8, 16, 32, 64), 5, 8


def write_picodet(path: Path, *, classes: int = 80, seed: int = 0, pairs: bool = True) -> Path:
    """Write a network of 64 x 64 pixels with four levels; without ``pairs`` it lacks the boxes."""
    random = np.random.default_rng(seed)
    nodes, weights, outputs = [], [], {"score": [], "box": []}

    def constant(name, values):
        weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    for stride in STRIDES:
        cells = (SIDE // stride) ** 2
        kernel = random.normal(0, 1, (WIDTH, 3, stride, stride)) / stride
        head = random.normal(0, 1, (classes + 4 * BINS, WIDTH, 1, 1))
        bias = np.r_[np.full(classes, -2.0), np.zeros(4 * BINS)]
        nodes.append(
            helper.make_node(
                "Conv",
                ["image", constant(f"k{stride}", kernel.astype(np.float32))],
                [f"map{stride}"],
                kernel_shape=[stride, stride],
                strides=[stride, stride],
            )
        )
        nodes.append(
            helper.make_node(
                "Conv",
                [
                    f"map{stride}",
                    constant(f"h{stride}", head.astype(np.float32)),
                    constant(f"b{stride}", bias.astype(np.float32)),
                ],
                [f"both{stride}"],
                kernel_shape=[1, 1],
            )
        )
        split = constant(f"s{stride}", np.array([classes, 4 * BINS]))
        parts = [f"raw_score{stride}", f"raw_box{stride}"]
        nodes.append(helper.make_node("Split", [f"both{stride}", split], parts, axis=1))
        nodes.append(helper.make_node("Sigmoid", [parts[0]], [f"share{stride}"]))
        for kind, source, width in (
            ("score", f"share{stride}", classes),
            ("box", parts[1], 4 * BINS),
        ):
            shape = constant(f"r{kind}{stride}", np.array([1, width, -1]))
            nodes.append(helper.make_node("Reshape", [source, shape], [f"flat_{kind}{stride}"]))
            name = f"{kind}{stride}"
            nodes.append(
                helper.make_node("Transpose", [f"flat_{kind}{stride}"], [name], perm=[0, 2, 1])
            )
            value = helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, cells, width])
            outputs[kind].append(value)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])
    # As in the published file, weights are declared as inputs too.
    declared = [helper.make_tensor_value_info(w.name, w.data_type, w.dims) for w in weights]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [image, *declared],
        outputs["score"] + outputs["box"] * pairs,
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)]), str(path))
    return path
