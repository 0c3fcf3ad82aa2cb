"""Words in pictures: lines read by OCR, and the blocks of text that they form."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "blocks": ("TextBlock", "text_blocks"),
        "line_reader": ("LineReader",),
    },
)
