"""LlamaIndex: a transform that fills property graphs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from jmere.errors import require
from jmere.extract import Extractor
from jmere.integrations.facts import FactNode, facts_of
from jmere.integrations.langchain_graph import document_post

_TYPES: Any = require(
    "llama_index.core.graph_stores.types", "llamaindex", "the LlamaIndex transform"
)
_SCHEMA: Any = require("llama_index.core.schema", "llamaindex", "the LlamaIndex transform")


class JmereExtractor(_SCHEMA.TransformComponent):  # type: ignore[misc]
    """Adds entities and relations to the nodes of a ``PropertyGraphIndex``.

    Pass it in ``kg_extractors``. The text of a node is a post's; ``image``, ``alt_text``,
    ``time``, ``author``, ``url`` of its metadata are the post's. Every relation has its provenance
    as properties: score, node id, text and offsets.

        from llama_index.core import PropertyGraphIndex

        index = PropertyGraphIndex(nodes, kg_extractors=[JmereExtractor()], ...)
    """

    model: str = "default"
    """The model: ``default``, a folder or a hub id."""
    min_score: float = 0.0
    """Relations below are left out."""
    batch_size: int = 64
    """Nodes computed together."""
    _extractor: Extractor | None = None

    @classmethod
    def class_name(cls) -> str:
        """Return the name of the class in LlamaIndex."""
        return "JmereExtractor"

    def __call__(
        self, nodes: Sequence[Any], show_progress: bool = False, **_: Any
    ) -> Sequence[Any]:
        """Add entities and relations to the metadata of nodes, for the index to take up."""
        if self._extractor is None:
            self._extractor = Extractor.from_pretrained(self.model)
        plain = _SCHEMA.MetadataMode.NONE
        posts = [
            document_post(node.get_content(metadata_mode=plain), node.metadata, node.node_id)
            for node in nodes
        ]
        found = self._extractor.stream(posts, batch_size=self.batch_size)
        for node, each in zip(nodes, found, strict=True):
            entities, facts = facts_of(each, min_score=self.min_score)
            made = {entity.key: _entity(entity) for entity in entities}
            relations = [
                _TYPES.Relation(
                    label=fact.relation,
                    source_id=made[fact.head.key].id,
                    target_id=made[fact.tail.key].id,
                    properties=fact.properties,
                )
                for fact in facts
            ]
            for key, items in (
                (_TYPES.KG_NODES_KEY, list(made.values())),
                (_TYPES.KG_RELATIONS_KEY, relations),
            ):
                node.metadata[key] = [*node.metadata.get(key, []), *items]
        return nodes

    async def acall(
        self, nodes: Sequence[Any], show_progress: bool = False, **options: Any
    ) -> Sequence[Any]:
        """Do the same in a thread."""
        return await asyncio.to_thread(self.__call__, nodes, show_progress, **options)


def _entity(node: FactNode) -> Any:
    return _TYPES.EntityNode(name=node.name, label=node.type)
