"""Posts to arrays: prepared one by one, padded into batches."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "batch": ("NumpyBatch", "PostBatch"),
        "batcher": ("Batcher",),
        "graph_config": ("GraphConfig", "GraphSettings"),
        "prepare": ("Prepared", "PreparedPost", "Preparer", "gold_of", "windows_of"),
        "windows": ("cut_into_windows",),
    },
)
