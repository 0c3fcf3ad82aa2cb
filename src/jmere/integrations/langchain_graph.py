"""LangChain: documents to graph documents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from jmere.data.origin import ORIGIN_KEYS, Origin
from jmere.errors import MissingExtraError, require
from jmere.extract import Extractor
from jmere.integrations.facts import FactEdge, FactNode, facts_of
from jmere.records import Extraction, Post

_HOMES = ("langchain_neo4j.graphs.graph_document", "langchain_community.graphs.graph_document")
"""Modules that have ``GraphDocument``; the first that is installed is used."""


class JmereGraphTransformer:
    """Turns LangChain documents into graph documents, as ``LLMGraphTransformer`` does.

    A document is a post: ``page_content`` is its text, and ``image``, ``alt_text``, ``time``,
    ``author``, ``url`` of its metadata are the post's. Every relationship has its provenance as
    properties: score, document id, text and offsets.

        from langchain_core.documents import Document

        transformer = JmereGraphTransformer()
        documents = [Document("Lionel Messi leaves Barcelona", id="1")]
        graph.add_graph_documents(transformer.convert_to_graph_documents(documents))
    """

    def __init__(
        self,
        *,
        extractor: Extractor | None = None,
        model: str | Path = "default",
        min_score: float = 0.0,
        batch_size: int = 64,
    ) -> None:
        """Load a model, unless an extractor is given.

        Args:
            extractor: What extracts.
            model: The model that is loaded: ``default``, a folder or a hub id.
            min_score: Relations below are left out.
            batch_size: Documents computed together.

        Raises:
            MissingExtraError: If no library with ``GraphDocument`` is installed.
        """
        self._classes = _graph_classes()
        self.extractor = Extractor.from_pretrained(model) if extractor is None else extractor
        self.min_score, self.batch_size = min_score, batch_size

    def process_response(self, document: Any) -> Any:
        """Return the graph document of one document."""
        return self.convert_to_graph_documents([document])[0]

    def convert_to_graph_documents(self, documents: Sequence[Any]) -> list[Any]:
        """Return a graph document for each document."""
        return list(self.lazy_convert(documents))

    async def aconvert_to_graph_documents(self, documents: Sequence[Any]) -> list[Any]:
        """Return a graph document for each document, computed in a thread."""
        return await asyncio.to_thread(self.convert_to_graph_documents, documents)

    def lazy_convert(self, documents: Iterable[Any]) -> Iterator[Any]:
        """Yield a graph document for each document of a stream."""
        waiting: list[Any] = []

        def posts() -> Iterator[Post]:
            for document in documents:
                waiting.append(document)
                yield document_post(document.page_content, document.metadata, document.id)

        for found in self.extractor.stream(posts(), batch_size=self.batch_size):
            yield self._graph_document(found, waiting.pop(0))

    def _graph_document(self, found: Extraction, source: Any) -> Any:
        nodes, facts = facts_of(found, min_score=self.min_score)
        made = {node.key: self._node(node) for node in nodes}
        edges = [self._edge(fact, made) for fact in facts]
        return self._classes.GraphDocument(
            nodes=list(made.values()), relationships=edges, source=source
        )

    def _node(self, node: FactNode) -> Any:
        return self._classes.Node(id=node.name, type=node.type)

    def _edge(self, fact: FactEdge, nodes: Mapping[tuple[str, str], Any]) -> Any:
        return self._classes.Relationship(
            source=nodes[fact.head.key],
            target=nodes[fact.tail.key],
            type=fact.relation,
            properties=fact.properties,
        )


def document_post(text: str, metadata: Mapping[str, Any] | None, name: object = None) -> Post:
    """Return the post of a document of a graph library.

    Args:
        text: Its text.
        metadata: Its metadata; those that a post has are used.
        name: Its id; by default ``id`` of the metadata.

    Example:
        >>> document_post("Bonn wins", {"author": "ann", "page": 3}, "1").author
        'ann'
    """
    given = metadata or {}
    name = given.get("id") if name is None else name
    origin = {key: str(given[key]) for key in ORIGIN_KEYS if given.get(key) is not None}
    alt_text = given.get("alt_text")
    return Post(
        text,
        id=None if name is None else str(name),
        image=given.get("image"),
        alt_text=None if alt_text is None else str(alt_text),
        **cast(Origin, origin),
    )


def _graph_classes() -> Any:
    try:
        return require(_HOMES[0], "langchain", "LangChain graph documents")
    except MissingExtraError:
        return require(_HOMES[1], "langchain", "LangChain graph documents")
