"""jmere in other libraries: data frames, spaCy, the Hub, LangChain, LlamaIndex, neo4j-graphrag.

Import ``langchain_graph``, ``llamaindex_graph`` and ``neo4j_graph`` from their modules; each
needs an extra.
"""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "facts": ("FactEdge", "FactNode", "facts_of"),
        "frame_results": ("extract_frame",),
        "hub_upload": ("push_to_hub",),
        "spacy_component": ("JmereComponent",),
    },
)
