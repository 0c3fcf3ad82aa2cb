"""neo4j-graphrag: an entity and relation extractor for its pipelines."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from jmere.errors import MissingExtraError, require
from jmere.extract import Extractor
from jmere.integrations.facts import facts_of
from jmere.integrations.langchain_graph import document_post
from jmere.records import Extraction

_PURPOSE = "the neo4j-graphrag component"


def _component(name: str) -> Any:
    """Return a module of components, which were experimental in earlier releases."""
    try:
        return require(f"neo4j_graphrag.components.{name}", "neo4j", _PURPOSE)
    except MissingExtraError:
        return require(f"neo4j_graphrag.experimental.components.{name}", "neo4j", _PURPOSE)


_TYPES: Any = _component("types")
_LEXICAL: Any = _component("lexical_graph")
_BASE: Any = _component("entity_relation_extractor")

# A pipeline looks at the annotations of ``run``; a type checker cannot know these classes.
if TYPE_CHECKING:
    TextChunks: TypeAlias = Any
    DocumentInfo: TypeAlias = Any
    Neo4jGraph: TypeAlias = Any
    LexicalGraphConfig: TypeAlias = Any
else:
    TextChunks, DocumentInfo = _TYPES.TextChunks, _TYPES.DocumentInfo
    Neo4jGraph, LexicalGraphConfig = _TYPES.Neo4jGraph, _TYPES.LexicalGraphConfig


class JmereEntityRelationExtractor(_BASE.EntityRelationExtractor):  # type: ignore[misc]
    """Extracts entities and relations of text chunks, in place of a language model.

    The text of a chunk is a post's; ``image``, ``alt_text``, ``time``, ``author``, ``url`` of its
    metadata are the post's. Every relationship has its provenance as properties: score, chunk id,
    text and offsets; with the lexical graph every entity leads to its chunk.

        from neo4j_graphrag.experimental.pipeline import Pipeline

        pipeline = Pipeline()
        pipeline.add_component(JmereEntityRelationExtractor(), "extractor")
    """

    def __init__(
        self,
        *,
        extractor: Extractor | None = None,
        model: str | Path = "default",
        min_score: float = 0.0,
        batch_size: int = 64,
        create_lexical_graph: bool = True,
    ) -> None:
        """Load a model, unless an extractor is given.

        Args:
            extractor: What extracts.
            model: The model that is loaded: ``default``, a folder or a hub id.
            min_score: Relations below are left out.
            batch_size: Chunks computed together.
            create_lexical_graph: Whether the graph has the chunks and their document, too.
        """
        super().__init__(create_lexical_graph=create_lexical_graph)
        self.extractor = Extractor.from_pretrained(model) if extractor is None else extractor
        self.min_score, self.batch_size = min_score, batch_size

    async def run(
        self,
        chunks: TextChunks,
        document_info: DocumentInfo | None = None,
        lexical_graph_config: LexicalGraphConfig | None = None,
        **kwargs: Any,
    ) -> Neo4jGraph:
        """Return the graph of all chunks."""
        given = chunks.chunks
        posts = [document_post(each.text, each.metadata, each.chunk_id) for each in given]
        found = await asyncio.to_thread(self._extract, posts)
        graph, builder = Neo4jGraph(), None
        if self.create_lexical_graph or lexical_graph_config is not None:
            config = lexical_graph_config or LexicalGraphConfig()
            builder = _LEXICAL.LexicalGraphBuilder(config=config)
        if self.create_lexical_graph and builder is not None:
            graph = (await builder.run(text_chunks=chunks, document_info=document_info)).graph
        for chunk, each in zip(given, found, strict=True):
            part = self.update_ids(self._graph(each), chunk)
            if builder is not None:
                await builder.process_chunk_extracted_entities(part, chunk)
            graph.nodes.extend(part.nodes)
            graph.relationships.extend(part.relationships)
        return graph

    def _extract(self, posts: list[Any]) -> list[Extraction]:
        return list(self.extractor.stream(posts, batch_size=self.batch_size))

    def _graph(self, found: Extraction) -> Any:
        nodes, facts = facts_of(found, min_score=self.min_score)
        names = {node.key: str(number) for number, node in enumerate(nodes)}
        return Neo4jGraph(
            nodes=[
                _TYPES.Neo4jNode(
                    id=names[node.key], label=node.type, properties={"name": node.name}
                )
                for node in nodes
            ],
            relationships=[
                _TYPES.Neo4jRelationship(
                    start_node_id=names[fact.head.key],
                    end_node_id=names[fact.tail.key],
                    type=fact.relation,
                    properties=fact.properties,
                )
                for fact in facts
            ],
        )
