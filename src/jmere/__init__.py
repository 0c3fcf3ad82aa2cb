"""Joint multimodal entity-relation extraction: posts with pictures in, quintuples out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jmere.records import (
    Alignment,
    Entity,
    Extraction,
    Grounding,
    Post,
    Quintuple,
    SceneGraph,
    SceneObject,
    SceneRelation,
)
from jmere.tags import TagSet

if TYPE_CHECKING:
    from jmere.extract import Extractor

__version__ = "0.1.0"

__all__ = [
    "Alignment",
    "Entity",
    "Extraction",
    "Extractor",
    "Grounding",
    "Post",
    "Quintuple",
    "SceneGraph",
    "SceneObject",
    "SceneRelation",
    "TagSet",
]


def __getattr__(name: str) -> Any:
    # torch, transformers and spaCy are loaded when an extractor is first asked for.
    if name == "Extractor":
        from jmere.extract import Extractor

        return Extractor
    raise AttributeError(f"module 'jmere' has no attribute {name!r}")
