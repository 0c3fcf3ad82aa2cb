"""Worker process of a table's runs; ends with its parent."""

from __future__ import annotations

import multiprocessing
import os
from threading import Thread


def begin(threads: int) -> None:
    """Set up a worker, which computes with so many threads."""
    import torch

    torch.set_num_threads(threads)
    end_with_parent()


def end_with_parent() -> None:
    """From now on, end this process when the one that started it has ended, killed or not."""
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
