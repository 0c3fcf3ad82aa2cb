"""Text: words with offsets, the dependency parser, and graphs as arrays."""
