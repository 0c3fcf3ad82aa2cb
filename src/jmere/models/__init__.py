"""The models: EEGA, those it is compared with, and pipelines of two."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "eega": ("Eega", "EegaConfig", "ObjectsConfig"),
        "pipeline": ("Pipeline", "PipelineConfig", "RelationConfig"),
        "registry": ("ModelConfig",),
        "sizes": ("Sizes",),
        "tagging": ("LossConfig", "SoftAlignment", "Tagging", "post_losses", "total_loss"),
        "word_pairs": ("WordPairModel",),
    },
)
