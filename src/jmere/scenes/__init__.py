"""Scene graphs of posts, from every source but pixels: given, files, captions."""
