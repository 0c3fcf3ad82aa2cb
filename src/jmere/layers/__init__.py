"""Layers of the models: encoders, attention, channels and heads."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "adversary": ("GradientReversal", "ModalityClassifier"),
        "attention": ("AddNorm", "Attended", "MultiHeadAttention", "masked_softmax"),
        "attribute": ("AttributeAttention", "AttributeTransformer"),
        "bilinear": ("BilinearAttention",),
        "channels": ("ChannelSizes", "MultiChannel"),
        "coattention": ("AdditiveAttention",),
        "contrastive": ("contrastive_losses",),
        "cross": ("CrossAttended", "CrossAttention"),
        "encoder": ("WordEncoder",),
        "entities": ("Crf", "EntityHead"),
        "gates": ("Gate",),
        "graph_matching": ("GraphAligner", "GraphMatch"),
        "norm": ("MaskedBatchNorm",),
        "objects": ("ObjectEncoder", "Projected"),
        "pairs": ("Bilinear", "DistanceTable", "PairHead"),
        "projectors": ("Projector", "VisualNodes"),
        "spans": ("WordSpans",),
        "summary": ("PictureSummary",),
        "tensor_batch": ("TensorBatch",),
    },
)
