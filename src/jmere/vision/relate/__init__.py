"""Relations between detected objects, predicted from their labels and boxes."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "classifier": ("Classifier", "RelateConfig"),
        "label_vectors": ("WordTable",),
        "relator": ("RelateOptions", "Relator"),
    },
)
