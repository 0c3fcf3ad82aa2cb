"""Relations between the objects of a picture, from their names and where they are."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "classifier": ("Classifier", "RelateConfig"),
        "label_vectors": ("WordTable", "word_table"),
        "relator": ("RelateOptions", "Relator"),
    },
)
