"""Training and evaluation of the predicate classifier."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "encoder_words": ("word_table",),
        "fitting": ("RelateTraining", "train_classifier"),
        "pair_module": ("PairModule",),
        "ranking": ("Ranker",),
        "recall": ("Measured", "Recall", "measure_recall"),
        "vrd": ("AnnotatedPicture", "Annotations", "read_vrd"),
    },
)
