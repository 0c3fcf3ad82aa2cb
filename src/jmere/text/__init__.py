"""Text: words with offsets, the dependency parser, and graphs as arrays."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "cooccurrence": ("CooccurrenceTable",),
        "dependency": (
            "dependency_types",
            "dependency_vocabulary",
            "graph_to_json",
            "hop_distances",
        ),
        "parser": ("Parser",),
        "pieces": ("PieceTokenizer", "Pieces"),
        "words": ("Words", "join", "post_words", "split"),
    },
)
