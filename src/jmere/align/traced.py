"""Whether the computation is being traced to a graph, where nothing may depend on values."""

import torch


def is_traced() -> bool:
    """Return whether a graph is being traced for export.

    Example:
        >>> is_traced()
        False
    """
    traced: bool = torch.jit.is_tracing()  # type: ignore[attr-defined, no-untyped-call]
    return traced
