"""Models as graphs that run without torch."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "agreement": ("Agreement",),
        "model_graph": ("export_onnx", "write_graph_file"),
    },
)
