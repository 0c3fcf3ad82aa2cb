"""Models that differ in how words take in the picture, in word-pair form."""
