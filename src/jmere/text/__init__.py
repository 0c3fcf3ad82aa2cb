"""Texts as words and graphs: words and offsets, the parser, the numbers of a text graph."""
