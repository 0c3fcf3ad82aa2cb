import asyncio

import pytest
from finding import TEXT, Finding

pytest.importorskip("neo4j_graphrag", reason="needs neo4j-graphrag")
from neo4j_graphrag.experimental.pipeline import Pipeline

from jmere.integrations.neo4j_graph import (
    _TYPES,
    JmereEntityRelationExtractor,
)

CHUNKS = _TYPES.TextChunks(
    chunks=[
        _TYPES.TextChunk(text=TEXT, index=0, uid="c0", metadata={"author": "ann"}),
        _TYPES.TextChunk(text=TEXT, index=1, uid="c1"),
    ]
)


def run(component, **options):
    pipeline = Pipeline()
    pipeline.add_component(component, "extractor")
    found = asyncio.run(pipeline.run({"extractor": {"chunks": CHUNKS, **options}}))
    return found.result["extractor"]


def test_a_pipeline_gets_entities_and_relations_with_provenance():
    graph = run(JmereEntityRelationExtractor(extractor=Finding(), create_lexical_graph=False))
    assert [(node["id"], node["label"]) for node in graph["nodes"]][:3] == [
        ("c0:0", "per"), ("c0:1", "org"), ("c0:2", "loc"),
    ]  # fmt: skip
    first, second = graph["relationships"]
    assert (first["start_node_id"], first["type"], first["end_node_id"]) == (
        "c0:0", "member_of", "c0:1",
    )  # fmt: skip
    assert first["properties"]["author"] == "ann"
    assert (second["properties"]["post"], second["properties"]["score"]) == ("c1", 0.75)


def test_entities_lead_to_their_chunks_and_the_document():
    document = _TYPES.DocumentInfo(path="posts.jsonl", uid="d")
    graph = run(JmereEntityRelationExtractor(extractor=Finding()), document_info=document)
    edges = {(e["start_node_id"], e["type"], e["end_node_id"]) for e in graph["relationships"]}
    assert ("c0:0", "FROM_CHUNK", "c0") in edges
    assert ("c0", "FROM_DOCUMENT", "d") in edges


def test_the_bundled_model_works_in_it():
    chunk = _TYPES.TextChunk(text="Lionel Messi leaves Barcelona", index=0)
    component = JmereEntityRelationExtractor()
    graph = asyncio.run(component.run(_TYPES.TextChunks(chunks=[chunk])))
    assert "member_of" in [each.type for each in graph.relationships]
