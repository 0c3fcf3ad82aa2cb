import asyncio

import pytest
from finding import TEXT, Finding

documents = pytest.importorskip("langchain_core.documents", reason="needs langchain-core")
pytest.importorskip("langchain_neo4j", reason="needs langchain-neo4j")
from langchain_neo4j.graphs.graph_document import GraphDocument  # noqa: E402

from jmere.integrations.langchain_graph import JmereGraphTransformer  # noqa: E402

GIVEN = [
    documents.Document(TEXT, id="7", metadata={"author": "ann", "page": 3}),
    documents.Document(TEXT, metadata={"id": 8, "time": "2026-01-31"}),
]


def test_documents_become_graph_documents_with_provenance():
    first, second = JmereGraphTransformer(extractor=Finding()).convert_to_graph_documents(GIVEN)
    assert isinstance(first, GraphDocument)
    assert first.source is GIVEN[0]
    assert [(node.id, node.type) for node in first.nodes] == [
        ("Lionel Messi", "per"), ("Barcelona", "org"), ("Bonn", "loc"),
    ]  # fmt: skip
    (edge,) = first.relationships
    assert (edge.source.id, edge.type, edge.target.id) == ("Lionel Messi", "member_of", "Barcelona")
    assert (edge.properties["post"], edge.properties["author"]) == ("7", "ann")
    assert edge.properties["score"] == 0.75
    assert second.relationships[0].properties["time"] == "2026-01-31"


def test_the_same_in_a_coroutine():
    transformer = JmereGraphTransformer(extractor=Finding())
    found = asyncio.run(transformer.aconvert_to_graph_documents(GIVEN))
    assert found == transformer.convert_to_graph_documents(GIVEN)


def test_low_scores_are_left_out():
    graph = JmereGraphTransformer(extractor=Finding(), min_score=0.8).process_response(GIVEN[0])
    assert graph.relationships == []


def test_the_bundled_model_works_in_it():
    document = documents.Document("Lionel Messi leaves Barcelona")
    graph = JmereGraphTransformer().process_response(document)
    assert graph.relationships[0].type == "member_of"
