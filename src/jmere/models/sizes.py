"""Sizes of a model that come from the data, not from the config."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Counts of tags, vocabularies and bins; width of the appearance vectors, 0 for none."""

    tags: int
    types: int
    """Number of tags that are entity types; they follow ``NONE``."""
    pos: int
    dependencies: int
    predicates: int
    hops: int
    cooccurrence: int
    appearance: int = 0
