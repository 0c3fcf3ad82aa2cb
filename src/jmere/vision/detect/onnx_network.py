"""ONNX networks of detectors: read from a file, checked, and run on one thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime as runtime

from jmere.errors import one_line, require


def read_network(path: Path) -> Any:
    """Read an ONNX network; weights in further files are not opened.

    Raises:
        ValueError: If the file is no ONNX network.
    """
    onnx: Any = require("onnx", "vision", "reading a detector's network")
    try:
        # Weights in files beside the network could be any file of this machine.
        model = onnx.load(str(path), load_external_data=False)
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf and onnx raise classes of their own
        reason = one_line(error)
        raise ValueError(f"{path}: not an ONNX network ({reason})") from None
    return model


def open_session(model: bytes, path: Path) -> Any:
    """Return a session that runs a network on one thread of the processor.

    Pictures are processed side by side, each by one thread; threads within one waste time.

    Raises:
        ValueError: If onnxruntime cannot run the network; names ``path``.
    """
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # errors; they are raised too
    try:
        return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes of its own
        raise ValueError(f"{path}: cannot be run ({one_line(error)})") from None
