"""Word-pair grids: encode links and mentions as cells, decode scored cells."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "calibration": ("Calibration", "fit_calibration"),
        "decode": ("DecodeOptions", "Decoded", "decode"),
        "encode": ("Encoded", "encode", "encode_batch"),
        "holding": ("Lost", "Reason"),
        "signatures": ("admitted_types", "learn_signatures", "named_signatures", "read_signatures"),
    },
)
