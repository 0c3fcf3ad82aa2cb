"""Knowledge graphs from the quintuples of many posts: merging, provenance, writing, drawing."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "graph": ("Edge", "Evidence", "KnowledgeGraph", "Merge", "Node"),
        "merge": ("Merger", "PredictedPost", "merge"),
        "property": ("to_networkx",),
        "rdf": ("RdfNames",),
        "write": ("as_format", "check_target", "write_graph"),
    },
)
