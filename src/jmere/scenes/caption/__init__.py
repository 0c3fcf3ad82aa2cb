"""Scene graphs from captions."""
