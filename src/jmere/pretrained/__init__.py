"""Pretrained encoders and detectors by name: local files, or downloads with checksums."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "detectors": ("WeightsFile", "fetch_weights", "find_weights", "registry"),
        "hub": ("local_only",),
        "tokenizers": ("convert_tokenizer",),
        "encoders": ("encoder_config", "find_encoder", "load_transformer"),
    },
)
