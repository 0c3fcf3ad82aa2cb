"""Alignment of the nodes of two graphs by optimal transport or by structure; model-free."""

from jmere.align.cost import cosine_distance, uniform_mass
from jmere.align.edges import EdgeForm, EdgeLoss, edge_share
from jmere.align.gromov import gromov_wasserstein
from jmere.align.sinkhorn import sinkhorn
from jmere.align.structure import structural_alignment
from jmere.align.transport import Transport
from jmere.align.wasserstein import wasserstein

__all__ = [
    "EdgeForm",
    "EdgeLoss",
    "Transport",
    "cosine_distance",
    "edge_share",
    "gromov_wasserstein",
    "sinkhorn",
    "structural_alignment",
    "uniform_mass",
    "wasserstein",
]
