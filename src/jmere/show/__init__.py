"""Figures of one post: its grid, channels, alignment, and several models' predictions."""

from jmere.show.alignment import Aligned, AlignmentView, show_alignment
from jmere.show.cases import CasesView, show_cases
from jmere.show.channel_maps import ChannelsView, show_channels
from jmere.show.grid import GridView, show_grid
from jmere.show.judge import Answered
from jmere.show.page import save
from jmere.show.result import result_html

__all__ = [
    "Aligned",
    "AlignmentView",
    "Answered",
    "CasesView",
    "ChannelsView",
    "GridView",
    "result_html",
    "save",
    "show_alignment",
    "show_cases",
    "show_channels",
    "show_grid",
]
