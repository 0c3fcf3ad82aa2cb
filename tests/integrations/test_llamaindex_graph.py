import asyncio

import pytest
from finding import TEXT, Finding

pytest.importorskip("llama_index.core", reason="needs llama-index-core")
from llama_index.core import PropertyGraphIndex
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.graph_stores import SimplePropertyGraphStore
from llama_index.core.schema import TextNode

from jmere.integrations.llamaindex_graph import JmereExtractor


@pytest.fixture
def extractor():
    found = JmereExtractor()
    found._extractor = Finding()
    return found


def nodes():
    return [TextNode(text=TEXT, id_="7", metadata={"author": "ann"})]


def test_an_index_takes_up_entities_and_relations_with_provenance(extractor):
    store = SimplePropertyGraphStore()
    PropertyGraphIndex(
        nodes(), kg_extractors=[extractor], property_graph_store=store,
        embed_kg_nodes=False, embed_model=MockEmbedding(4), use_async=False,
    )  # fmt: skip
    ((head, relation, tail),) = list(store.get_triplets(relation_names=["member_of"]))
    assert (head.id, head.label, tail.id, tail.label) == ("Lionel Messi", "per", "Barcelona", "org")
    assert relation.properties["post"] == "7"
    assert (relation.properties["author"], relation.properties["score"]) == ("ann", 0.75)
    assert {node.id for node in store.get(ids=["Bonn"])} == {"Bonn"}


def test_what_other_extractors_found_stays(extractor):
    (node,) = extractor(extractor(nodes()))
    assert len(node.metadata["relations"]) == 2


def test_the_same_in_a_coroutine(extractor):
    (node,) = asyncio.run(extractor.acall(nodes()))
    assert [each.label for each in node.metadata["relations"]] == ["member_of"]


def test_the_bundled_model_works_in_it():
    (node,) = JmereExtractor()([TextNode(text="Lionel Messi leaves Barcelona")])
    assert [each.label for each in node.metadata["relations"]] == ["member_of"]
