"""Knowledge graphs from the quintuples of many posts: merging, provenance, writing, drawing."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "aliases": ("Alias", "Aliases", "read_aliases"),
        "graph": ("Edge", "Evidence", "KnowledgeGraph", "Merge", "Node"),
        "merge": ("Merger", "merge"),
        "property": ("to_networkx",),
        "rdf": ("RdfNames",),
        "reading": ("PostReader", "PredictedPost"),
        "review": ("MergeCandidate", "merge_candidates"),
        "shacl": ("shacl_shapes",),
        "write": ("as_format", "check_target", "write_graph"),
    },
)
