"""Training and evaluation of the predicate classifier."""
