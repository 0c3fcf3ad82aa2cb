"""A text with its entities and what is known of its picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jmere.records import Mention
from jmere.text.pieces import Pieces
from jmere.text.words import Words


class DescribedWindow(NamedTuple):
    """A post, or a window of a long one, whose entities are to be judged."""

    words: Words
    pieces: Pieces
    mentions: Sequence[Mention]
    description: str | None
    """What is known of the picture. Blank: judge by the post alone; absent: do not judge."""
