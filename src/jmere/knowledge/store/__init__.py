"""A knowledge graph on disk: evidence, the graph that follows from it, and queries."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "graph_store": ("GraphStore", "StoreSettings", "is_store"),
        "answer": ("QueryAnswer", "answer_query"),
        "query_errors": ("NotAcceptableError", "QueryError", "QueryTimeoutError"),
    },
)
