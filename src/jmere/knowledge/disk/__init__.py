"""Graphs larger than memory: what posts say goes to a database that spills to disk."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "disk_graph": ("merged_on_disk", "write_disk_graph"),
        "disk_stream": ("DiskStream",),
        "disk_tables": ("memory_size",),
    },
)
