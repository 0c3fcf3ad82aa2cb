"""Training of the bundled dependency parser."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "conllu": ("read_conllu",),
        "train_parser": ("train_parser",),
        "treebank": ("Accuracy", "evaluate_parser"),
    },
)
