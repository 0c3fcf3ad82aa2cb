"""Models: EEGA, the baselines, and pipelines of two models."""
