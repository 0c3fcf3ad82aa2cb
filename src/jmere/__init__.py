"""Joint multimodal entity-relation extraction: posts with pictures in, quintuples out."""

__version__ = "0.1.0"
