"""Word-pair grids: links and mentions into cells, and scored cells back into them."""

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
