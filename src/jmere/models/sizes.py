"""How many of each thing a model must know: the numbers that flow from data, not config."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Counts of tags, vocabularies and bins; width of the appearance vectors, 0 for none."""

    tags: int
    types: int
    """How many of the tags are entity types; they follow ``NONE``."""
    pos: int
    dependencies: int
    predicates: int
    hops: int
    cooccurrence: int
    appearance: int = 0
