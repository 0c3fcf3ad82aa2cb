"""Worker process of a table's runs; ends with its parent."""

from __future__ import annotations

from jmere.files.parent import end_with_parent


def begin(threads: int) -> None:
    """Set up a worker, which computes with so many threads."""
    import torch

    torch.set_num_threads(threads)
    end_with_parent()
