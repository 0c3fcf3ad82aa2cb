"""Models: EEGA, the baselines, and pipelines of two models."""

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
