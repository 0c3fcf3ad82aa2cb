"""The models: EEGA, those it is compared with, and pipelines of two."""
