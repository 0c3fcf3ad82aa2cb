"""Import from and export to annotation tools: Label Studio, doccano, brat, CoNLL files."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "bio_export": ("write_conll",),
        "brat": ("read_brat", "write_brat"),
        "doccano": ("read_doccano", "write_doccano"),
        "labelstudio": ("read_labelstudio", "write_labelstudio"),
        "labelstudio_config": ("label_config",),
        "marked_file": ("read_marked",),
        "marks": ("Marks",),
        "offsets": ("Utf16Offsets",),
    },
)
